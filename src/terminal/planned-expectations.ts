import type {CheckSpec, MetricSpec, TimeLimitSpec, WritesSpec} from '../experiment/experiment.js';
import type {Plan} from '../plan/plan.js';
import {formatDuration} from '../quantities/duration.js';
import type {JsonObject} from '../quantities/json.js';
import {describeCheck} from '../verdict/checks.js';
import {alertName} from '../signals/alerts/spec.js';
import {askedOfAlert} from '../verdict/alerts/words.js';
import {describeWrites} from '../verdict/writes/words.js';
import {cut} from './text.js';

/** `runs: pg_lag --seconds`: the command of a metric or check, run on this machine; empty where there is none. */
export function commandWords({parameters: {run}}: Pick<MetricSpec, 'parameters'>): string {
  const command = Array.isArray(run) ? run.join(' ') : run;
  return typeof command === 'string' ? `runs: ${cut(command, 60)}` : '';
}

function timeWords(limit: TimeLimitSpec): string {
  const within = formatDuration(limit.limitMs);
  switch (limit.of) {
    case 'inside':
      return `${limit.metric} inside its tolerance within ${within} of the ${limit.from}`;
    case 'outside':
      return `${limit.metric} outside its tolerance for ${within} at most`;
    case 'undo':
      return `${limit.fault} undone within ${within}`;
  }
}

/** `orders, stored as sql lists it`. */
const storedWords = ({load, request, stored}: WritesSpec) =>
  `${request === undefined ? load : `${load}: ${request}`} → ${stored.source}`;

const checkWords = (check: CheckSpec) => [check.source, describeCheck(check), commandWords(check)];

/**
 * What must hold besides the tolerances, as a person approves it: checks and lists with what they run, times with
 * limits.
 */
export function expectationRows({experiment: {expect}}: Plan): string[][] {
  return [
    ...expect.checks.map(check => [`  ${check.name}`, ...checkWords(check)]),
    ...(expect.writes ?? []).map(check => [
      `  ${check.name}`,
      storedWords(check),
      describeWrites(check),
      commandWords(check.stored),
    ]),
    ...(expect.times ?? []).map(limit => [`  ${limit.name}`, 'time', timeWords(limit), '']),
    ...(expect.alerts ?? []).map(spec => [`  ${alertName(spec)}`, `alert of ${spec.from}`, askedOfAlert(spec), '']),
    ...(expect.forbid ?? []).map(spec => [`  ${alertName(spec)}`, `alert of ${spec.from}`, 'does not fire', '']),
  ];
}

/** The same as data. */
export function expectationsJson({experiment: {expect}}: Plan): readonly JsonObject[] {
  return [
    ...expect.checks.map(({name, source, parameters: {run}, ...check}) => ({
      check: name,
      source,
      expected: describeCheck({name, source, parameters: {}, ...check}),
      ...(run === undefined ? {} : {run}),
    })),
    ...(expect.writes ?? []).map(check => {
      const {run} = check.stored.parameters;
      return {
        writes: check.name,
        load: check.load,
        ...(check.request === undefined ? {} : {request: check.request}),
        stored: check.stored.source,
        expected: describeWrites(check),
        ...(run === undefined ? {} : {run}),
      };
    }),
    ...(expect.times ?? []).map(limit => ({time: limit.name, expected: timeWords(limit)})),
    ...(expect.alerts ?? []).map(spec => ({alert: alertName(spec), from: spec.from, expected: askedOfAlert(spec)})),
    ...(expect.forbid ?? []).map(spec => ({alert: alertName(spec), from: spec.from, expected: 'does not fire'})),
  ];
}
