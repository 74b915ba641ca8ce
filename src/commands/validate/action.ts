import type {Experiment} from '../../experiment/experiment.js';
import {aroundMs, describeTimeline} from '../../experiment/timeline.js';
import {printableJson} from '../../quantities/printable.js';
import {designWarnings, shortSecrets} from '../../plan/design-warnings.js';
import {mostTotalMs, withGoOn} from '../../plan/go-on.js';
import {FiredrillError} from '../../system/error.js';
import {EXIT, type ExitCode} from '../../system/exit-codes.js';
import {errorJson, printError} from '../../terminal/error-printer.js';
import {experimentLines} from '../../terminal/experiment-printer.js';
import type {Output} from '../../terminal/output.js';
import {problemLines, problemsJson, problemSummary} from '../../terminal/problems.js';
import {readExperiment, type ReadExperiment} from '../read-experiment.js';

export interface ValidateRequest {
  readonly files: readonly string[];
  readonly variables: Readonly<Record<string, string>>;
  readonly includeFrom: readonly string[] | undefined;
  readonly goOnMs: number | undefined;
  readonly json: boolean;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly out: Output;
  readonly err: Output;
}

type Checked = {readonly file: string} & ({readonly read: ReadExperiment} | {readonly error: FiredrillError});

async function check(file: string, request: ValidateRequest): Promise<Checked> {
  try {
    return {file, read: await readExperiment(file, request)};
  } catch (error) {
    if (error instanceof FiredrillError) return {file, error};
    throw error;
  }
}

function summaryOf(experiment: Experiment, environment: ValidateRequest['environment']) {
  const {rows} = describeTimeline(experiment);
  return {
    title: experiment.title,
    totalMs: mostTotalMs(withGoOn(experiment)) + aroundMs(experiment),
    timeline: rows.map(({occurrence, startMs, endMs}) => ({
      id: occurrence.id,
      label: occurrence.label,
      fault: occurrence.fault.fault,
      targets: occurrence.fault.targets,
      startMs,
      endMs,
    })),
    metrics: experiment.steadyState.map(({name, source, unit}) => ({name, source, unit})),
    warnings: [...designWarnings(experiment), ...shortSecrets(experiment, environment)],
  };
}

function asJson(checked: Checked, {environment}: ValidateRequest) {
  const {file} = checked;
  if ('error' in checked) return {file, valid: false, ...errorJson(checked.error)};
  const {experiment, problems} = checked.read.parsed;
  if (experiment === undefined) return {file, valid: false, problems: problemsJson(problems)};
  return {file, valid: true, sha256: checked.read.sha256, problems: [], ...summaryOf(experiment, environment)};
}

function print(checked: Checked, {out, err, environment}: ValidateRequest): void {
  if ('error' in checked) {
    printError(checked.error, err, '');
    return;
  }
  const {experiment, problems} = checked.read.parsed;
  const lines =
    experiment === undefined
      ? [...problemLines(problems, out.style), '', out.style.red.bold(problemSummary(problems))]
      : [
          `${out.style.green('✔')} ${checked.file}`,
          ...experimentLines(experiment, out.style, shortSecrets(experiment, environment)),
        ];
  out.lines(lines);
}

/** Checks files offline and prints what is in them, or everything that is wrong with them. Touches nothing. */
export async function validateFiles(request: ValidateRequest): Promise<ExitCode> {
  const all = await Promise.all(request.files.map(file => check(file, request)));
  if (request.json) request.out.write(`${printableJson(all.map(checked => asJson(checked, request)))}\n`);
  else for (const checked of all) print(checked, request);
  return all.every(checked => 'read' in checked && checked.read.parsed.experiment !== undefined) ? 0 : EXIT.usage;
}
