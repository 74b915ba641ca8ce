import {isDeepStrictEqual} from 'node:util';
import {describeError} from '../../system/error.js';
import type {ProcessIdentity} from '../../system/processes.js';
import type {Debt, Settled} from '../../targets/contract.js';
import type {StopReason} from '../../record/events.js';
import {isSound, type Ledger} from '../../record/ledger.js';
import {recordPaths} from '../../record/paths.js';
import {parseEvents} from '../../record/reader.js';
import {RecordWriter} from '../../record/writer.js';
import type {Ports} from '../../ports.js';
import {Actuators} from './actuators.js';
import {isPaid, outstanding} from './debts.js';
import {openFence} from './fence.js';
import {settleTwice, type SafetyContext} from './settle.js';
import type {Owner, RunState, World} from './state.js';
import {readWorldMarks} from './world-marks.js';

const KILL_BUDGET_MS = 10_000;
const BEAT_MS = 1_000;

export type Takeover =
  | {
      readonly state: 'taken';
      /** What was owed. */
      readonly debts: readonly Debt[];
      readonly settled: readonly Settled[];
      /** What still is. */
      readonly owed: readonly Debt[];
      /** Why it is not known whether more is owed; empty when all is understood. */
      readonly unknown: readonly string[];
      /** The run folder whose record tells all this now; undefined where it is gone, or not ours. */
      readonly folder: string | undefined;
    }
  | {readonly state: 'beaten'; readonly why: string};

export interface TakeoverRequest {
  readonly ports: Ports;
  readonly state: RunState;
  readonly by: 'guardian' | 'recover';
  readonly why: string;
  readonly ended: StopReason;
  /** Replaces secret values in what is written. */
  readonly redact: (text: string) => string;
}

/**
 * Becomes the writer of a run whose owner is gone or hangs: claims the next epoch, kills exactly the old owners and
 * waits for their death, records the takeover, settles what is owed, and looks once more when no late request can
 * arrive any more.
 * @throws when the epoch can neither be claimed nor is anybody else's: the disk is full, the folder is gone.
 */
export async function takeOver(request: TakeoverRequest): Promise<Takeover> {
  const {ports, state, by} = request;
  const owners = await state.owners();
  const epoch = (owners.at(-1)?.epoch ?? 0) + 1;
  if (!(await state.claim(epoch, by))) return {state: 'beaten', why: 'someone else took the run over first'};
  const taken = await withHeartbeat(ports, state, async (): Promise<Takeover> => {
    const stuck = await endAll(ports, owners);
    if (stuck !== undefined) return {state: 'beaten', why: `the runner (pid ${stuck.pid}) could not be ended`};
    return settleAll(request, epoch);
  });
  // Only now that no heartbeat is written any more.
  if (taken.state === 'taken' && isOver(taken)) await state.remove();
  return taken;
}

/** Nothing is owed any more, and nothing is left that nobody understands: only such a state is ever removed. */
export function isOver({
  owed,
  unknown,
}: {
  readonly owed: readonly Debt[];
  readonly unknown: readonly string[];
}): boolean {
  return owed.length + unknown.length === 0;
}

/** Kills every owner there was (an earlier takeover may not have got that far); returns one that lives on. */
async function endAll(ports: Ports, owners: readonly Owner[]): Promise<ProcessIdentity | undefined> {
  const self = ports.processes.self();
  for (const {process: who} of owners) {
    // Whoever tries again after a failure has been the owner itself. Nobody knows whom a damaged file means: its fence
    // stops it.
    if (who === undefined || isDeepStrictEqual(who, self)) continue;
    if (!(await ports.processes.killAndWait(who, KILL_BUDGET_MS))) return who;
  }
  return undefined;
}

/** Keeps the heartbeat fresh while the work is done, so that nobody else takes over meanwhile. */
async function withHeartbeat<T>(ports: Ports, state: RunState, work: () => Promise<T>): Promise<T> {
  const stop = new AbortController();
  const beating = (async () => {
    while (!stop.signal.aborted) {
      // A beat that cannot be written must not end the beating: the next one may get through.
      await state.beat().catch(() => undefined);
      await ports.clock.sleep(BEAT_MS, stop.signal);
    }
  })().catch(() => undefined);
  try {
    return await work();
  } finally {
    stop.abort();
    await beating;
  }
}

/** The run folder, where it is still there and nobody else can have written to it: what it says may be carried out. */
async function recordFolder({disk}: Ports, folder: string | undefined): Promise<string | undefined> {
  if (folder === undefined || folder === '' || (await disk.list(folder)).length === 0) return undefined;
  const foreign = (await disk.distrust(folder)) ?? (await disk.distrust(recordPaths(folder).events));
  return foreign === undefined ? folder : undefined;
}

/** All events that can still be found: the ledger's, and the run folder's where it exists. */
async function readAll(ports: Ports, state: RunState, folder: string | undefined): Promise<Ledger> {
  const {events, unreadable} = await state.readLedger();
  const record = folder === undefined ? undefined : await ports.disk.read(recordPaths(folder).events);
  return {events: parseEvents(record ?? '', events).events.filter(isSound), unreadable};
}

async function settleAll(request: TakeoverRequest, epoch: number): Promise<Takeover> {
  const {ports, state, by, why, redact} = request;
  const identity = await state.identity();
  const folder = await recordFolder(ports, identity?.folder);
  const {events, unreadable} = await readAll(ports, state, folder);
  const known = {debts: outstanding(events), lines: unreadable, worlds: identity?.worlds};
  const {debts: owed, unknown} = await withMarks(ports, state.run, known);
  const record = new RecordWriter({
    disk: ports.disk,
    clock: ports.clock,
    folder,
    ledger: state.ledger,
    by,
    epoch,
    redact,
    firstSeq: Math.max(-1, ...events.map(event => event.seq)) + 1,
  });
  const fence = openFence(state, epoch);
  const actuators = new Actuators(ports, fence);
  const context: SafetyContext = {ports, actuators, record};
  try {
    await note(record, {type: 'takeover', from: epoch - 1, why});
    const settled = owed.length === 0 ? [] : await settleTwice(context, owed);
    if (!events.some(event => event.type === 'run.ended')) await note(record, {type: 'run.ended', why: request.ended});
    await record.flush();
    const paid = new Set(settled.filter(isPaid).map(answer => answer.debt));
    const left = owed.filter(debt => !paid.has(debt.id));
    return {state: 'taken', debts: owed, settled, owed: left, unknown, folder};
  } finally {
    await actuators.close();
  }
}

/**
 * What is owed by the debts that are known, and by what may stand behind lines of the ledger that are not understood.
 * Whatever was changed was marked in its world before: where all worlds of the run can be read, their marks say the
 * same as those lines did. Where not, nobody knows.
 */
export async function withMarks(
  ports: Ports,
  run: string,
  {
    debts,
    lines,
    worlds,
  }: {
    readonly debts: readonly Debt[];
    readonly lines: readonly string[];
    readonly worlds: readonly World[] | undefined;
  },
): Promise<{readonly debts: readonly Debt[]; readonly unknown: readonly string[]}> {
  if (lines.length === 0) return {debts, unknown: []};
  const ledger = lines.map(line => `its ledger, ${line}`);
  const found = await Promise.all((worlds ?? []).map(world => readWorldMarks(ports, world, run)));
  const strange = found
    .flatMap(({unreadable}) => unreadable)
    .filter(mark => mark.run === undefined || mark.run === run);
  const unknown = strange.map(({where, why}) => `${where}: ${why}`);
  const understood = worlds !== undefined && unknown.length === 0;
  const marked = found.flatMap(one => one.debts).filter(({id}) => !debts.some(debt => debt.id === id));
  return {debts: [...debts, ...marked], unknown: understood ? [] : [...ledger, ...unknown]};
}

/** A takeover whose record cannot be written still settles: the marks in the world hold the truth. */
async function note(record: RecordWriter, body: Parameters<RecordWriter['durable']>[0]): Promise<void> {
  try {
    await record.durable(body);
  } catch (error) {
    record.event({type: 'noted', level: 'warning', text: `Not recorded durably: ${describeError(error)}`});
  }
}
