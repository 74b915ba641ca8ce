import {asSent} from '../../quantities/http.js';
import {built} from '../schema/built.js';
import {mappingOf, readFields, type DocumentPart, type Read} from '../checking/entry.js';
import type {
  AnswerCheck,
  AnswerCondition,
  CarriedValue,
  HttpRequestSpec,
  LoadSpec,
  LoadStage,
  ScenarioSpec,
} from '../../signals/load/spec.js';
import type {IdSpec} from '../../signals/writes/spec.js';
import {loadFields} from '../schema/load.js';
import type {WrittenCarry, WrittenCheck, WrittenId, WrittenRequest} from '../schema/request.js';
import type {WrittenRedis, WrittenSql} from '../schema/stores.js';
import {listOf} from '../suggest.js';
import {csvSpec, readCsvFile, type ReadCsvFile} from './csv.js';
import {jsonBody} from './json-body.js';
import {checkPlaceholders} from './placeholders.js';
import {child, given} from './section.js';

type WrittenLoad = Read<ReturnType<typeof loadFields>>;
type WrittenScenarios = NonNullable<WrittenLoad['scenarios']>;
type WrittenStages = NonNullable<WrittenLoad['stages']>;

/** What contradicts what in an entry, or is missing. */
interface Wrong {
  readonly key: string;
  readonly code: 'MISSING' | 'CONTRADICTION';
  readonly message: string;
}

/** One entry of `load`; undefined when any of it was wrong. `readCsv`: looks into files of rows. */
export function readLoad(name: string, part: DocumentPart, readCsv?: ReadCsvFile): LoadSpec | undefined {
  if (mappingOf(part) === undefined) return undefined;
  const written = readFields(built(loadFields), part);
  reportWrong(part, [wrongRequests(part), wrongPace(written, part)]);
  const {rate = 0, stages, repeat, arrivals, seed, timeout, maxInFlight} = written;
  const csv = written.csv && readCsvFile(part, written.csv, readCsv);
  checkPlaceholders(part, csv);
  const wrong = Object.keys(built(loadFields)).some(key => part.report.has([...part.path, key]));
  if (wrong || timeout === undefined || maxInFlight === undefined) return undefined;
  return {
    name,
    ...whatIsSent(written, part),
    rate,
    ...(stages === undefined ? {} : {stages: stagesOf(stages, rate)}),
    ...(repeat === true ? {repeat} : {}),
    ...(arrivals === 'poisson' ? {arrivals} : {}),
    ...given({seed, csv: csv && csvSpec(csv)}),
    timeoutMs: timeout,
    maxInFlight,
  };
}

function whatIsSent({http, sql, redis, scenarios}: WrittenLoad, part: DocumentPart): Partial<LoadSpec> {
  return given({
    http: http && requestOf(http, child(part, 'http')),
    sql: sql && storeRequestOf(sql),
    redis: redis && storeRequestOf(redis),
    scenarios: scenarios && scenariosOf(scenarios, child(part, 'scenarios')),
  });
}

function reportWrong(part: DocumentPart, found: readonly (Wrong | undefined)[]): void {
  for (const {key, code, message} of found.flatMap(wrong => wrong ?? [])) {
    const {path} = child(part, key);
    // A misspelt key has been reported as such.
    if (!part.report.has(path)) part.report.add({path, code, message, ...(code === 'MISSING' ? {} : {at: 'key'})});
  }
}

const KINDS = ['http', 'sql', 'redis', 'scenarios'] as const;

function wrongRequests(part: DocumentPart): Wrong | undefined {
  const [first, second] = KINDS.filter(kind => child(part, kind).value !== undefined);
  const expected = `expected one of ${listOf(KINDS)}`;
  if (first === undefined) return {key: 'http', code: 'MISSING', message: `${expected}: what to send; all are missing`};
  if (second === undefined) return undefined;
  return {key: second, code: 'CONTRADICTION', message: `${expected}; got \`${first}\` and \`${second}\``};
}

function wrongPace({rate, stages, repeat}: WrittenLoad, part: DocumentPart): Wrong | undefined {
  if (child(part, 'stages').value !== undefined) {
    if (stages === undefined || stagesOf(stages, rate ?? 0).some(({fromRate, toRate}) => fromRate + toRate > 0))
      return undefined;
    const message = 'expected a stage with more than zero requests per second; got none';
    return {key: 'stages', code: 'CONTRADICTION', message};
  }
  if (repeat === true)
    return {key: 'repeat', code: 'CONTRADICTION', message: 'expected `stages` to repeat; there are none'};
  if (child(part, 'rate').value === undefined)
    return {key: 'rate', code: 'MISSING', message: 'expected `rate`: a rate such as `100/s`, `90/m`; it is missing'};
  if (rate !== 0) return undefined;
  return {key: 'rate', code: 'CONTRADICTION', message: 'expected more than zero without `stages`; got `0/s`'};
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

function scenariosOf(written: WrittenScenarios, part: DocumentPart): readonly ScenarioSpec[] {
  return Object.entries(written).map(([name, {weight, cookies, steps}]) => ({
    name,
    weight,
    ...(cookies ? {cookies} : {}),
    steps: steps.map((step, at) => {
      if ('http' in step)
        return {name: step.request, http: requestOf(step.http, child(part, name, 'steps', at, 'http'))};
      const {think} = step;
      return {thinkMs: typeof think === 'number' ? [think, think] : [think.from, think.to]};
    }),
  }));
}

function requestOf(written: WrittenRequest, part: DocumentPart): HttpRequestSpec {
  const {tls, http2, checks = {}, carry = {}, id} = written;
  const carried = Object.entries(carry).map(([name, one]) => carriedOf(name, one));
  const asked = Object.entries(checks).map(([name, check]) => checkOf(name, check));
  return {
    ...asSent(written),
    ...(written.json === undefined ? {} : {body: jsonBody(child(part, 'json'))}),
    url: written.url,
    success: written.success,
    ...(asked.length === 0 ? {} : {checks: asked}),
    ...(carried.length === 0 ? {} : {carry: carried}),
    ...(id === undefined ? {} : {id: typeof id === 'string' ? {sent: id} : idOf(id)}),
    ...(written.redirects === 0 ? {} : {redirects: written.redirects}),
    ...(http2 === true ? {http2} : {}),
    ...(tls === undefined ? {} : {tls: tlsOf(tls)}),
  };
}

function storeRequestOf<T extends WrittenSql | WrittenRedis>({tls, id, ...written}: T) {
  return {
    ...written,
    ...(tls === undefined ? {} : {tls: tlsOf(tls)}),
    ...(id === undefined ? {} : {id: typeof id === 'string' ? {sent: id} : given(id)}),
  };
}

function tlsOf({rejectUnauthorized, ca, cert, key}: NonNullable<WrittenSql['tls']>) {
  return {rejectUnauthorized, ...given({ca, cert, key})};
}

/** Where an id stands, of an answer or of an entry of a list. */
export function idOf({header, json, matches}: WrittenId): IdSpec {
  return given({header: header?.toLowerCase(), json, matches});
}

function carriedOf(name: string, {header, json, matches}: WrittenCarry): CarriedValue {
  return {name, ...given({header: header?.toLowerCase(), json, matches})};
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
