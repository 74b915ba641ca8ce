import {hostname} from 'node:os';
import type {Plan} from '../../plan/plan.js';
import {openPlaces} from '../../notifiers/spec.js';
import type {Machine} from '../../run/machine.js';
import {Readers} from '../../targets/readers.js';
import type {StartGuardian} from '../../run/safety/keep-alive.js';
import {StopSwitch} from '../../run/stop-switch.js';
import {FiredrillError} from '../../system/error.js';
import type {Debt} from '../../targets/contract.js';
import type {Output} from '../../terminal/output.js';
import type {Result} from '../../verdict/result.js';
import type {OpenedExperiment} from '../open-experiment.js';
import {planFile} from '../plan-file.js';
import {checkFolders} from './check-folders.js';
import {conduct} from './conduct.js';
import {obtainConsent} from './consent.js';
import {finishRun} from './finish.js';
import type {Notices} from './notices.js';
import {openProgress} from './progress.js';
import {reportsAhead} from './reports-ahead.js';

export interface RunFileOptions {
  readonly machine: Machine;
  readonly run: string;
  readonly startGuardian: StartGuardian;
  readonly flags: {
    readonly yes: boolean;
    readonly approved: string | undefined;
    readonly quiet: boolean;
    readonly loadTo: readonly string[] | undefined;
    readonly metricsPort: number | undefined;
    /** Whether those are told who are to be. */
    readonly notify: boolean;
    readonly runsDir: string;
  };
  readonly tool: string;
  readonly command: string;
  readonly err: Output;
}

export type RunFileOutcome =
  | {readonly state: 'refused'; readonly refusals: readonly FiredrillError[]}
  | {
      readonly state: 'done';
      readonly folder: string;
      readonly result: Result;
      readonly reports: readonly string[];
      /** Resolves with who was not told of what, soon after the end. */
      readonly untold: Promise<readonly string[]>;
    };

/** Plan, consent, run, judge, report. */
export async function runFile(opened: OpenedExperiment, options: RunFileOptions): Promise<RunFileOutcome> {
  const {machine, run, startGuardian, flags, err} = options;
  const {ports} = machine;
  const readers = new Readers(ports);
  const stop = new StopSwitch();
  const metrics = flags.metricsPort === undefined ? undefined : await openMetrics(flags.metricsPort, err);
  const progress = await openProgress(err, ports.clock, flags.quiet);
  try {
    const plan = await planFile(opened, {
      ports,
      readers,
      signal: stop.signal,
      approved: flags.approved,
      loadTo: flags.loadTo,
      notify: flags.notify,
    });
    if (plan.refusals.length > 0) return {state: 'refused', refusals: plan.refusals};
    await obtainConsent(plan, flags, {input: process.stdin, error: process.stderr, output: err, signal: stop.signal});
    await checkFolders(ports.disk, [flags.runsDir, ports.ambient.stateDir]);
    const notices = plan.notify.length > 0 ? await openNotices(opened, plan, options) : undefined;
    const {folder, outcome} = await conduct({
      run,
      startGuardian,
      plan,
      machine,
      readers,
      stop,
      file: {path: opened.path, sha256: opened.sha256},
      runsDir: flags.runsDir,
      tool: options.tool,
      command: options.command,
      observers: [
        reportsAhead(),
        ...progress.observers,
        ...(metrics === undefined ? [] : [metrics]),
        ...(notices === undefined ? [] : [notices]),
      ],
      err,
    });
    progress.close();
    const {unwritten} = outcome;
    if (unwritten !== undefined) err.lines([`warning: the record is incomplete: ${unwritten.why}`]);
    const {result, reports, problems} = await finishRun(ports.disk, folder, unwritten).catch((cause: unknown) => {
      throw outcome.owed.length === 0 ? cause : stillOwed(outcome.owed, cause);
    });
    err.lines(problems.map(problem => `warning: ${problem}`));
    notices?.ended(result);
    return {state: 'done', folder, result, reports, untold: notices?.close() ?? Promise.resolve([])};
  } finally {
    progress.close();
    await metrics?.close();
    await readers.close();
  }
}

/** Without a readable record there is no result to say it. */
function stillOwed(owed: readonly Debt[], cause: unknown): FiredrillError {
  const names = owed.map(({undo}) => `\`${undo.ref.name}\` (by hand: ${undo.manual})`);
  return new FiredrillError('UNDO_FAILED', `Still owed: ${names.join(', ')}; and the record cannot be read.`, {
    hint: `firedrill recover ${owed[0]?.run ?? ''}`,
    cause,
  });
}

async function openNotices(
  {experiment: {title, owner}}: OpenedExperiment,
  {notify, totalMs}: Plan,
  {machine: {ports, redact}, run}: RunFileOptions,
): Promise<Notices> {
  const {Notices: Opened} = await import('./notices.js');
  return new Opened({run, title, owner, host: hostname(), totalMs, redact}, openPlaces(notify, ports.ambient.reveal));
}

async function openMetrics(port: number, err: Output) {
  const {serveLiveMetrics} = await import('../../server/live-metrics.js');
  const metrics = await serveLiveMetrics(port);
  err.lines([`live metrics: ${metrics.url}`]);
  return metrics;
}
