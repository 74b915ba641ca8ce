import type {Experiment, LoadSpec} from '../../experiment/experiment.js';
import {formatDuration} from '../../quantities/duration.js';
import type {JsonObject} from '../../quantities/json.js';
import {formatRate} from '../../quantities/rate.js';
import type {Ports} from '../../ports.js';
import {StopSwitch} from '../../run/stop-switch.js';
import type {LoadSecond} from '../../signals/contract.js';
import {EXIT, type ExitCode} from '../../system/exit-codes.js';
import {loadLines, progressLine, saturationJson, saturationLines, stepLine} from '../../terminal/load-printer.js';
import type {Output} from '../../terminal/output.js';
import {summaryOf, type LoadSummary} from '../../verdict/loads/summary.js';
import {foreignLoads} from '../foreign-loads.js';
import {loadRefusals, readPolicies} from '../policies.js';
import {listenForSignals} from '../run/interrupts.js';
import {findSaturation} from './find-saturation.js';
import {measureLoadAlone} from './measure.js';
import {loadRequest, type LoadFlags, type SearchRequest} from './request.js';

interface LoadContext {
  readonly ports: Ports;
  readonly out: Output;
  readonly err: Output;
}

export interface LoadDone {
  readonly lines: readonly string[];
  readonly json: JsonObject;
  readonly exit: ExitCode;
}

/** Progress is told this often, in seconds. */
const TELL_EVERY = 5;
/** More steps than this are never needed. */
const MOST_STEPS = 40;

/**
 * Carries out `firedrill load`. A signal ends it with what was measured until then.
 * @throws FiredrillError BAD_USAGE, POLICY_FORBIDS, PROBE_UNUSABLE.
 */
export async function loadAlone(experiment: Experiment, flags: LoadFlags, context: LoadContext): Promise<LoadDone> {
  const request = loadRequest(experiment, flags);
  await refuseForeign(experiment, flags['load-to'] ?? [], context.ports);
  const stop = new StopSwitch();
  const tell = flags.quiet ? () => undefined : (line: string) => context.err.lines([line]);
  // A second signal does not wait for requests in flight: nothing is owed to anybody.
  const started = ownProcesses(experiment);
  if (started.length > 0) {
    tell(
      `Processes of the file are not started, only asked: ${started.join(', ')}. Start them yourself if they do not run.`,
    );
  }
  using _signals = listenForSignals(process, stop, signal => process.exit(128 + signal));
  const done =
    request.kind === 'search'
      ? await searchAlone(request, {context, stop, tell})
      : await measureAlone(request, {context, stop, tell});
  const {signal} = stop.why() ?? {};
  return signal === undefined ? done : {...done, exit: 128 + signal};
}

/** @throws FiredrillError POLICY_FORBIDS where a load goes to a host that nobody named. */
async function refuseForeign(experiment: Experiment, named: readonly string[], ports: Ports): Promise<void> {
  const foreign = await foreignLoads(experiment, [], ports);
  const [refusal] = loadRefusals(await readPolicies(ports), named, foreign);
  if (refusal !== undefined) throw refusal;
}

/** Targets that a run would start itself. */
function ownProcesses({targets}: Experiment): readonly string[] {
  return Object.values(targets).flatMap(({name, selector}) => (selector['start'] === undefined ? [] : [name]));
}

interface LoadRun {
  readonly context: LoadContext;
  readonly stop: StopSwitch;
  readonly tell: (line: string) => void;
}

async function measureAlone(
  {loads, forMs}: {loads: readonly LoadSpec[]; forMs: number},
  work: LoadRun,
): Promise<LoadDone> {
  const {context, tell} = work;
  tell(`Sending for ${formatDuration(forMs)}. Ctrl-C ends it with what was measured.`);
  const measured = await Promise.all(loads.map(async spec => ({spec, summary: await measureOne(spec, forMs, work)})));
  const {style, columns} = context.out;
  const lines = measured.flatMap(({spec, summary}) =>
    summary === undefined
      ? [style.bold(`Load ${spec.name}`), '  was stopped within its first second: nothing was measured']
      : loadLines(spec, summary, {style, columns}),
  );
  const held = measured.every(({summary}) => summary !== undefined && summary.limited === null);
  return {
    lines,
    json: {loads: measured.flatMap(({summary}) => (summary === undefined ? [] : [{...summary}]))},
    exit: held ? EXIT.held : EXIT.inconclusive,
  };
}

async function measureOne(
  spec: LoadSpec,
  forMs: number,
  {context, stop, tell}: LoadRun,
): Promise<LoadSummary | undefined> {
  const {clock, ambient} = context.ports;
  const recent: LoadSecond[] = [];
  let told = 0;
  const onSecond = (second: LoadSecond) => {
    recent.push(second);
    if (recent.length < TELL_EVERY) return false;
    told += TELL_EVERY;
    tell(progressLine(spec.name, told, summaryOf(recent.splice(0))));
    return false;
  };
  const seconds = await measureLoadAlone(spec, forMs, {clock, reveal: ambient.reveal, signal: stop.signal, onSecond});
  return seconds.length === 0 ? undefined : summaryOf(seconds);
}

async function searchAlone(request: SearchRequest, {context, stop, tell}: LoadRun): Promise<LoadDone> {
  const {clock, ambient} = context.ports;
  const {load, from, to, stepMs, forMs} = request;
  tell(
    `Searching from ${formatRate(from)} up to ${formatRate(to)} at most, ${formatDuration(stepMs)} a step, for ${formatDuration(forMs)} at most. Ctrl-C ends it with what was measured.`,
  );
  const result = await findSaturation({
    spec: load,
    plan: {from, to, maxSteps: MOST_STEPS},
    stepMs,
    untilUs: clock.mono() + forMs * 1000,
    clock,
    reveal: ambient.reveal,
    signal: stop.signal,
    onStep: (step, number) => tell(stepLine(step, number)),
  });
  const {style, columns} = context.out;
  return {
    lines: saturationLines(load, result, {style, columns}),
    json: saturationJson(load.name, result),
    exit: result.capacity === undefined ? EXIT.inconclusive : EXIT.held,
  };
}
