import {mappingOf, readFields, type Part, type Read} from '../checking/entry.js';
import type {AnswerCheck, AnswerCondition, HttpRequestSpec, LoadSpec, LoadStage, ScenarioSpec} from '../load.js';
import {loadFields} from '../schema/load.js';
import type {WrittenCheck, WrittenRequest} from '../schema/request.js';
import {child, given} from './section.js';

type Written = Read<ReturnType<typeof loadFields>>;
type WrittenScenarios = NonNullable<Written['scenarios']>;
type WrittenStages = NonNullable<Written['stages']>;

/** One entry of `load`; undefined when any of it was wrong. */
export function readLoad(name: string, part: Part): LoadSpec | undefined {
  if (mappingOf(part) === undefined) return undefined;
  const written = readFields(loadFields(), part);
  const {timeout, maxInFlight, repeat, arrivals} = written;
  const what = whatIsSent(written, part);
  const pace = paceOf(written, part);
  const wrong = Object.keys(loadFields()).some(key => part.report.has([...part.path, key]));
  if (wrong || what === undefined || pace === undefined || timeout === undefined || maxInFlight === undefined)
    return undefined;
  return {
    name,
    ...what,
    ...pace,
    ...(repeat === true ? {repeat} : {}),
    ...(arrivals === 'poisson' ? {arrivals} : {}),
    ...given({seed: written.seed}),
    timeoutMs: timeout,
    maxInFlight,
  };
}

function missing(part: Part, key: string, message: string): undefined {
  if (child(part, key).value === undefined) part.report.add({path: child(part, key).path, code: 'MISSING', message});
  return undefined;
}

function contradiction(part: Part, key: string, message: string): undefined {
  part.report.add({path: child(part, key).path, at: 'key', code: 'CONTRADICTION', message});
  return undefined;
}

function whatIsSent({http, scenarios}: Written, part: Part): Pick<LoadSpec, 'http' | 'scenarios'> | undefined {
  const [one, several] = [child(part, 'http').value, child(part, 'scenarios').value];
  if (one !== undefined && several !== undefined)
    return contradiction(part, 'scenarios', 'expected `http` or `scenarios`; got both');
  if (http !== undefined) return {http: requestOf(http)};
  if (scenarios !== undefined) return {scenarios: scenariosOf(scenarios)};
  return several === undefined
    ? missing(part, 'http', 'expected `http` or `scenarios`: what to send; it is missing')
    : undefined;
}

/** Rate and stages; undefined when they were wrong, or ask for nothing at all. */
function paceOf({rate, stages, repeat}: Written, part: Part): Pick<LoadSpec, 'rate' | 'stages'> | undefined {
  if (child(part, 'stages').value === undefined) {
    if (repeat === true) return contradiction(part, 'repeat', 'expected `stages` to repeat; there are none');
    if (rate === undefined)
      return missing(part, 'rate', 'expected `rate`: a rate such as `100/s`, `90/m`; it is missing');
    return rate > 0 ? {rate} : contradiction(part, 'rate', 'expected more than zero; got `0/s` and no stages');
  }
  if (stages === undefined) return undefined;
  const whole = stagesOf(stages, rate ?? 0);
  if (whole.every(({fromRate, toRate}) => fromRate === 0 && toRate === 0))
    return contradiction(part, 'stages', 'expected a stage with more than zero requests per second; got none');
  return {rate: rate ?? 0, stages: whole};
}

/** Every stage as stretches of a straight line: the way to its rate, and the time at it. */
function stagesOf(written: WrittenStages, start: number): readonly LoadStage[] {
  let rate = start;
  return written.flatMap(({to = rate, over, hold}) => {
    const before = rate;
    rate = to;
    return [
      ...(over === undefined ? [] : [{fromRate: before, toRate: to, forMs: over}]),
      ...(hold === undefined ? [] : [{fromRate: to, toRate: to, forMs: hold}]),
    ];
  });
}

function scenariosOf(written: WrittenScenarios): readonly ScenarioSpec[] {
  return Object.entries(written).map(([name, {weight, steps}]) => ({
    name,
    weight,
    steps: steps.map(step => {
      if ('http' in step) return {name: step.request, http: requestOf(step.http)};
      const {think} = step;
      return {thinkMs: typeof think === 'number' ? [think, think] : [think.from, think.to]};
    }),
  }));
}

function requestOf(written: WrittenRequest): HttpRequestSpec {
  const {json, body: text, method, tls, http2, checks = {}} = written;
  const body = json === undefined ? text : JSON.stringify(json);
  const typed = Object.keys(written.headers).some(header => header.toLowerCase() === 'content-type');
  const asked = Object.entries(checks).map(([name, check]) => checkOf(name, check));
  return {
    method: method ?? (body === undefined ? 'GET' : 'POST'),
    url: written.url,
    headers: json === undefined || typed ? written.headers : {'content-type': 'application/json', ...written.headers},
    success: written.success,
    ...given({body}),
    ...(asked.length === 0 ? {} : {checks: asked}),
    ...(http2 === true ? {http2} : {}),
    ...(tls === undefined ? {} : {tls: {rejectUnauthorized: tls.rejectUnauthorized, ...given({ca: tls.ca})}}),
  };
}

function checkOf(name: string, written: WrittenCheck): AnswerCheck {
  const {status, maxSize, header, json} = written;
  if (status !== undefined) return {name, status};
  if (maxSize !== undefined) return {name, maxSize};
  const is = conditionOf(written);
  if (header !== undefined) return {name, header: header.toLowerCase(), ...given({is})};
  if (json !== undefined) return {name, json, ...given({is})};
  // The schema has asked for one of them.
  return {name, body: is ?? {contains: ''}};
}

function conditionOf({equals, contains, matches}: WrittenCheck): AnswerCondition | undefined {
  if (equals !== undefined) return {equals};
  if (contains !== undefined) return {contains};
  return matches === undefined ? undefined : {matches};
}
