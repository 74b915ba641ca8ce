import {join} from 'node:path';
import type {Experiment} from '../experiment/experiment.js';
import type {Occurrence} from '../experiment/timeline.js';
import {describeError, FiredrillError} from '../system/error.js';
import {EXIT} from '../system/exit-codes.js';
import type {Debt} from '../targets/contract.js';
import {judgeWindow, settledWindow} from '../verdict/judgement/window.js';
import {Conductor} from './phases/conductor.js';
import {watchGuards} from './phases/guards.js';
import {checkLeaks, readFacets, type Facets} from './phases/leaks.js';
import {Measurement} from './phases/measure.js';
import type {House, LocatedChange} from './phases/occurrence.js';
import {startProcesses} from './phases/prepare.js';
import {watchRecovery} from './phases/recovery.js';
import {takeBaseline, warmUp} from './phases/steady.js';
import {watchStopRequests} from './phases/stop-requests.js';
import {draftOccurrence} from './plan/draft.js';
import {probeContext} from './plan/measures.js';
import {healsItself, plannedOccurrences, presentGroups, type Plan} from './plan/plan.js';
import type {Ports} from './ports.js';
import type {Stop} from './record/events.js';
import type {Observer} from './record/observer.js';
import {RecordWriter} from './record/writer.js';
import {Actuators, type Readers} from './safety/connections.js';
import {outstanding} from './safety/debts.js';
import {openFence} from './safety/fence.js';
import {keepAlive, type Alive, type StartGuardian} from './safety/keep-alive.js';
import {settleInReverse} from './safety/settle.js';
import {RunState} from './safety/state.js';
import type {StopSwitch} from './stop-switch.js';

export interface RunRequest {
  readonly plan: Plan;
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
}

export interface RunOutcome {
  readonly ended: Stop;
  /** What is still owed: with anything here the run ends with code 6. */
  readonly owed: readonly Debt[];
  /** Why the record is incomplete, if it is. */
  readonly recordBroken: string | undefined;
}

const EPOCH = 1;

/** Runs a planned experiment to its end. The record tells what happened; whatever was broken is put back or listed as owed. */
export async function runExperiment(request: RunRequest): Promise<RunOutcome> {
  const {ports, run, folder} = request;
  const state = new RunState(ports, run);
  await ports.disk.makeFolder(folder);
  await state.create({run, folder, host: request.host, createdAt: ports.clock.now()});
  await state.claim(EPOCH, 'runner');
  const record = new RecordWriter({
    disk: ports.disk,
    clock: ports.clock,
    folder,
    ledger: state.ledger,
    by: 'runner',
    epoch: EPOCH,
    firstSeq: 0,
    redact: request.redact,
  });
  for (const observer of request.observers) record.subscribe(observer);
  const fence = openFence(state, EPOCH);
  const actuators = new Actuators(ports, fence);
  const house: House = {ports, run, record, actuators, readers: request.readers, fence, stop: request.stop};
  const alive = await keepAlive({house, state, startGuardian: request.startGuardian}).catch(async (error: unknown) => {
    await state.remove();
    throw error;
  });
  try {
    await begin(request, record);
    await phases(house, request);
  } catch (error) {
    request.stop.pull(stopFor(error));
  }
  try {
    return await end(house, state, alive);
  } catch (error) {
    // Without a farewell: the guardian takes over as soon as this process is gone.
    alive.abandon();
    throw error;
  } finally {
    await actuators.close();
  }
}

/** Settles what is still owed, closes the record and says farewell. */
async function end(house: House, state: RunState, alive: Alive): Promise<RunOutcome> {
  const {record} = house;
  const owed = await settleRest(house, state);
  const ended = house.stop.why() ?? {kind: 'done', detail: 'all phases were gone through'};
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
  if (owed.length === 0) await state.remove();
  return {ended, owed, recordBroken: record.broken};
}

/** An expected error before the injection is a refusal; anything else is a bug. */
function stopFor(error: unknown): Stop {
  const kind = error instanceof FiredrillError && error.exitCode === EXIT.refused ? 'refused' : 'bug';
  return {kind, detail: describeError(error)};
}

async function begin(request: RunRequest, record: RecordWriter): Promise<void> {
  const {plan, run, tool, command, file, host} = request;
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
  });
}

/** The way of one run. Each step returns at once when the switch has been pulled. */
async function phases(house: House, request: RunRequest): Promise<void> {
  const {plan} = request;
  const {experiment} = plan;
  house.record.event({type: 'phase.entered', phase: 'prepare', lastsMs: null});
  const started = await startProcesses(house, plan);
  const before = await readFacets(plan.targets.values(), house.stop.signal);
  // A target that several occurrences hit is one target.
  const refs = plan.occurrences.flatMap(fault => fault.hit.map(candidate => candidate.ref));
  const hit = [...new Map(refs.map(ref => [`${ref.endpoint} ${ref.object}`, ref])).values()];
  house.record.event({type: 'targets.resolved', hit, facets: before});
  const measurement = new Measurement(experiment, {
    record: house.record,
    clock: house.ports.clock,
    context: probeContext(experiment, plan.targets, house.ports),
  });
  try {
    await measurement.start();
    await warmUp(house, experiment);
    await takeBaseline(house, experiment, measurement);
    await breakAndWatch(house, plan, measurement, before);
  } finally {
    await measurement.stop();
    if (started.length > 0) await settleInReverse(house, started);
  }
}

/** The part in which something is broken: checks, faults under guard, recovery, leak check. */
async function breakAndWatch(house: House, plan: Plan, measurement: Measurement, before: Facets): Promise<void> {
  const {experiment} = plan;
  if (house.stop.why() !== undefined) return;
  await measurement.check(experiment.expect.checks, 'before', house.stop.signal);
  const touched = new Map<string, Set<string>>();
  const watching = new AbortController();
  const watchers = [
    watchGuards(house, experiment, measurement, watching.signal),
    watchStopRequests(house, plan, watching.signal),
  ];
  house.record.event({type: 'phase.entered', phase: 'fault', lastsMs: faultsMs(plan)});
  const conductor = new Conductor(house, {
    occurrences: plan.occurrences.map(fault => fault.occurrence),
    zeroUs: house.ports.clock.mono(),
    draft: (occurrence, only) => draftNow(house, plan, {occurrence, only, touched}),
    healsItself,
    deviated: (fromUs, toUs) => anyDeviated(experiment, measurement, {fromUs, toUs}),
  });
  try {
    const conducted = await conductor.play();
    if (house.stop.why() === undefined || conducted.platform.length > 0) {
      await watchRecovery(house, experiment, measurement, conducted);
    }
  } finally {
    watching.abort();
    await Promise.all(watchers);
  }
  await checkLeaks(house, plan.targets.values(), before, Object.fromEntries(touched));
  if (house.stop.why() === undefined) await measurement.check(experiment.expect.checks, 'after', house.stop.signal);
}

function faultsMs(plan: Plan): number {
  return Math.max(0, ...plan.occurrences.map(fault => fault.endMs));
}

/** Drafts an occurrence for the targets as they are now, and remembers which facets it may alter. */
async function draftNow(
  house: House,
  plan: Plan,
  what: {
    readonly occurrence: Occurrence;
    readonly only: readonly LocatedChange[] | undefined;
    readonly touched: Map<string, Set<string>>;
  },
): Promise<readonly LocatedChange[]> {
  const {ports, readers, stop} = house;
  const options = {ports, readers, signal: stop.signal};
  const objects = what.only === undefined ? undefined : new Set(what.only.map(({change}) => change.target.object));
  const groups = (await presentGroups(plan, what.occurrence, options)).map(group => ({
    ...group,
    refs: group.refs.filter(ref => objects === undefined || objects.has(ref.object)),
  }));
  const changes = await draftOccurrence(what.occurrence, groups, options);
  for (const {change} of changes) {
    const facets = what.touched.get(change.target.object) ?? new Set<string>();
    for (const facet of change.touches) facets.add(facet);
    what.touched.set(change.target.object, facets);
  }
  return changes;
}

function anyDeviated(
  experiment: Experiment,
  measurement: Measurement,
  window: {fromUs: number; toUs: number},
): boolean {
  return experiment.steadyState
    .filter(metric => metric.judge.includes('fault'))
    .some(metric => judgeWindow(metric, measurement.data, settledWindow(metric, window)).verdict === 'deviated');
}

/** The safety net under all phases: whatever the ledger says is owed is settled, whoever took it on. */
async function settleRest(house: House, state: RunState): Promise<readonly Debt[]> {
  const owed = outstanding(await state.events());
  if (owed.length > 0) await settleInReverse(house, owed);
  return outstanding(await state.events());
}

/** Where the record of a run lives. */
export function runFolder(runsDir: string, run: string): string {
  return join(runsDir, run);
}
