import {isDeepStrictEqual} from 'node:util';
import {describeError} from '../../system/error.js';
import type {Debt, Settled} from '../../targets/contract.js';
import type {Event, Stop} from '../record/events.js';
import {recordPaths} from '../record/paths.js';
import {parseEvents} from '../record/reader.js';
import {RecordWriter} from '../record/writer.js';
import type {Ports} from '../ports.js';
import {Actuators} from './connections.js';
import {isPaid, outstanding} from './debts.js';
import {openFence} from './fence.js';
import {settleTwice, type SafetyContext} from './settle.js';
import type {Owner, RunState} from './state.js';

const KILL_BUDGET_MS = 10_000;
const BEAT_MS = 1_000;

export type Takeover =
  | {readonly state: 'taken'; readonly settled: readonly Settled[]; readonly owed: readonly Debt[]}
  | {readonly state: 'beaten'; readonly why: string};

export interface TakeoverRequest {
  readonly ports: Ports;
  readonly state: RunState;
  readonly by: 'guardian' | 'recover';
  readonly why: string;
  readonly ended: Stop;
  /** Replaces secret values in what is written. */
  readonly redact: (text: string) => string;
}

/**
 * Becomes the writer of a run whose owner is gone or hangs: claims the next epoch, kills exactly the old owners and waits for
 * their death, records the takeover, settles what is owed, and looks once more when no late request can arrive any more.
 * @throws when the epoch can neither be claimed nor is anybody else's: the disk is full, the folder is gone.
 */
export async function takeOver(request: TakeoverRequest): Promise<Takeover> {
  const {ports, state, by} = request;
  const owners = await state.owners();
  const epoch = (owners.at(-1)?.epoch ?? 0) + 1;
  if (!(await state.claim(epoch, by))) return {state: 'beaten', why: 'someone else took the run over first'};
  const taken = await withHeartbeat(ports, state, async (): Promise<Takeover> => {
    const stuck = await endAll(ports, owners);
    if (stuck !== undefined) return {state: 'beaten', why: `the runner (pid ${stuck.process.pid}) could not be ended`};
    return settleAll(request, epoch);
  });
  // Only now that no heartbeat is written any more.
  if (taken.state === 'taken' && taken.owed.length === 0) await state.remove();
  return taken;
}

/** Kills every owner there was (an earlier takeover may not have got that far); returns one that lives on. */
async function endAll(ports: Ports, owners: readonly Owner[]): Promise<Owner | undefined> {
  const self = ports.processes.self();
  for (const owner of owners) {
    // Whoever tries again after a failure has been the owner itself.
    if (isDeepStrictEqual(owner.process, self)) continue;
    if (!(await ports.processes.killAndWait(owner.process, KILL_BUDGET_MS))) return owner;
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

/** All events that can still be found: the ledger's, and the run folder's where it exists. */
async function allEvents(ports: Ports, state: RunState, folder: string | undefined): Promise<readonly Event[]> {
  const texts = await Promise.all([
    ports.disk.read(state.ledger),
    folder === undefined ? undefined : ports.disk.read(recordPaths(folder).events),
  ]);
  return parseEvents(texts.join('\n')).events;
}

async function settleAll(request: TakeoverRequest, epoch: number): Promise<Takeover> {
  const {ports, state, by, why, redact} = request;
  const identity = await state.identity();
  const folder =
    identity !== undefined && (await ports.disk.list(identity.folder)).length > 0 ? identity.folder : undefined;
  const events = await allEvents(ports, state, folder);
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
    const owed = outstanding(events);
    const settled = owed.length === 0 ? [] : await settleTwice(context, owed);
    if (!events.some(event => event.type === 'run.ended')) await note(record, {type: 'run.ended', why: request.ended});
    await record.flush();
    const paid = new Set(settled.filter(isPaid).map(answer => answer.debt));
    const left = owed.filter(debt => !paid.has(debt.id));
    return {state: 'taken', settled, owed: left};
  } finally {
    await actuators.close();
  }
}

/** A takeover whose record cannot be written still settles: the marks in the world hold the truth. */
async function note(record: RecordWriter, body: Parameters<RecordWriter['durable']>[0]): Promise<void> {
  try {
    await record.durable(body);
  } catch (error) {
    record.event({type: 'noted', level: 'warning', text: `Not recorded durably: ${describeError(error)}`});
  }
}
