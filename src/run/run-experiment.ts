import {join} from 'node:path';
import type {Policy} from '../experiment/policy.js';
import {describeError, FiredrillError} from '../system/error.js';
import {EXIT} from '../system/exit-codes.js';
import type {Debt} from '../targets/contract.js';
import type {RunContext} from './context.js';
import {inOrder} from './phases/in-order.js';
import {watchStopRequests} from './phases/stop-requests.js';
import {plannedOccurrences, type Plan} from '../plan/plan.js';
import type {Ports} from '../ports.js';
import type {Event, StopReason} from '../record/events.js';
import type {Observer} from '../record/observer.js';
import {parseEvents, type Unwritten} from '../record/reader.js';
import {RecordWriter} from '../record/writer.js';
import {Actuators} from './safety/actuators.js';
import type {Readers} from '../targets/readers.js';
import {outstanding} from './safety/debts.js';
import {openFence} from './safety/fence.js';
import {keepAlive, type Alive, type StartGuardian} from './safety/keep-alive.js';
import {settleInReverse} from './safety/settle.js';
import type {RunState} from './safety/state.js';
import {claimNewRun, FIRST_EPOCH} from './new-run.js';
import type {StopSwitch} from './stop-switch.js';

export interface RunRequest {
  readonly plan: Plan;
  /** What the plan was held against; absent where nobody asked. */
  readonly policies?: readonly Policy[];
  readonly run: string;
  /** The run folder; created by this. */
  readonly folder: string;
  readonly file: {readonly path: string; readonly sha256: string};
  /** Version of Firedrill and the command line, for the record. */
  readonly tool: string;
  readonly command: string;
  readonly host: string;
  readonly ports: Ports;
  readonly readers: Readers;
  readonly redact: (text: string) => string;
  readonly stop: StopSwitch;
  readonly startGuardian: StartGuardian;
  readonly observers: readonly Observer[];
  /** Resolves with the reason when nobody can be told about the run any more: it goes on. */
  readonly outputLost?: Promise<string>;
}

export interface RunOutcome {
  readonly ended: StopReason;
  /** What is still owed: with anything here the run ends with code 6. */
  readonly owed: readonly Debt[];
  /** Where the record on disk is incomplete: why, and the events as they were. */
  readonly unwritten?: Unwritten;
}

/**
 * Runs a planned experiment to its end. The record tells what happened; whatever was broken is put back or listed as
 * owed.
 */
export async function runExperiment(request: RunRequest): Promise<RunOutcome> {
  const {ports, run, folder} = request;
  const state = await claimNewRun(request);
  await ports.disk.makeFolder(folder);
  const record = new RecordWriter({
    disk: ports.disk,
    clock: ports.clock,
    folder,
    ledger: state.ledger,
    by: 'runner',
    epoch: FIRST_EPOCH,
    firstSeq: 0,
    redact: request.redact,
  });
  const recorded: Event[] = [];
  record.subscribe({event: event => void recorded.push(event)});
  for (const observer of request.observers) record.subscribe(observer);
  void request.outputLost?.then(why => {
    if (recorded.some(({type}) => type === 'run.ended')) return;
    record.event({
      type: 'noted',
      level: 'warning',
      text: `The progress can no longer be shown: ${why}. The run goes on.`,
    });
  });
  const fence = openFence(state, FIRST_EPOCH);
  const actuators = new Actuators(ports, fence);
  const context: RunContext = {
    ports,
    run,
    record,
    actuators,
    readers: request.readers,
    fence,
    stop: request.stop,
    recorded,
  };
  const alive = await keepAlive({context, state, startGuardian: request.startGuardian}).catch(
    async (error: unknown) => {
      await state.remove();
      throw error;
    },
  );
  try {
    await begin(request, record);
    await phases(context, request);
  } catch (error) {
    request.stop.pull(stopFor(error));
  }
  try {
    return await end(context, state, alive);
  } catch (error) {
    // Without a farewell: the guardian takes over as soon as this process is gone.
    alive.abandon();
    throw error;
  } finally {
    await actuators.close();
  }
}

/** Settles what is still owed, closes the record and says farewell. */
async function end(context: RunContext, state: RunState, alive: Alive): Promise<RunOutcome> {
  const {record} = context;
  const owed = await settleRest(context, state);
  const ended = context.stop.why() ?? {kind: 'done', detail: 'all phases were gone through'};
  try {
    await record.durable({type: 'run.ended', why: ended});
  } catch (error) {
    record.event({
      type: 'noted',
      level: 'warning',
      text: `The end could not be recorded durably: ${describeError(error)}`,
    });
  }
  await record.flush();
  await alive.end();
  if (owed.length === 0 && (await context.fence.refresh())) await state.remove();
  const {broken} = record;
  return {ended, owed, ...(broken === undefined ? {} : {unwritten: {events: context.recorded, why: broken}})};
}

/** What is expected to go wrong before the injection is a refusal, or a lock; anything else is a bug. */
const STOP_KINDS: Readonly<Record<number, StopReason['kind']>> = {
  [EXIT.usage]: 'refused',
  [EXIT.refused]: 'refused',
  [EXIT.notSteady]: 'locked',
};

function stopFor(error: unknown): StopReason {
  const kind = error instanceof FiredrillError ? STOP_KINDS[error.exitCode] : undefined;
  return {kind: kind ?? 'bug', detail: describeError(error)};
}

async function begin(request: RunRequest, record: RecordWriter): Promise<void> {
  const {plan, policies, run, tool, command, file, host} = request;
  await record.durable({
    type: 'run.started',
    run,
    experiment: plan.experiment,
    occurrences: plannedOccurrences(plan),
    seed: plan.seed,
    tool,
    command,
    file,
    host,
    ...(policies === undefined ? {} : {policies}),
  });
}

/** The way of one run, under an eye for requests to stop from its first moment on. */
async function phases(context: RunContext, {plan}: RunRequest): Promise<void> {
  const watching = new AbortController();
  const watched = watchStopRequests(context, plan, watching.signal);
  try {
    await inOrder(context, plan);
  } finally {
    watching.abort();
    await watched;
  }
}

/** The safety net under all phases: whatever the ledger says is owed is settled, whoever took it on. */
async function settleRest(context: RunContext, state: RunState): Promise<readonly Debt[]> {
  const owed = outstanding(await everything(context, state));
  if (owed.length > 0) await settleInReverse(context, owed);
  return outstanding(await everything(context, state));
}

/** The ledger's events, and those that this process knows to have written: a line may have been damaged since. */
async function everything(context: RunContext, state: RunState): Promise<readonly Event[]> {
  const {events} = await state.readLedger();
  return parseEvents('', [...events, ...context.recorded]).events;
}

/** Where the record of a run lives. */
export function runFolder(runsDir: string, run: string): string {
  return join(runsDir, run);
}
