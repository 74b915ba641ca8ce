import type {Json} from '../../quantities/json.js';
import type {WantedRole} from '../stores/redis/role.js';
import type {IdSpec, SentIdSpec} from '../writes/spec.js';

/** Traffic that the experiment sends: open loop, so on time whatever the answers do. Times in ms, rates per second. */
export interface LoadSpec {
  readonly name: string;
  /** The only request of a load without scenarios. Exactly one of these and of `scenarios` is there. */
  readonly http?: HttpRequestSpec;
  readonly sql?: SqlRequestSpec;
  readonly redis?: RedisRequestSpec;
  /** What is started each time: one of these, drawn by weight. */
  readonly scenarios?: readonly ScenarioSpec[];
  /** Requests, or starts of scenarios, per second: at the start, and all along where there are no stages. */
  readonly rate: number;
  /** How the rate changes; after the last stage it stays as it is, or with `repeat` all of them come again. */
  readonly stages?: readonly LoadStage[];
  readonly repeat?: boolean;
  /** `poisson`: at random moments, as many independent users would; undefined or `uniform`: evenly spaced. */
  readonly arrivals?: 'uniform' | 'poisson';
  /** Of everything that is drawn: arrivals, scenarios, think times. Undefined is 1. */
  readonly seed?: number;
  /** Rows that users have: one each. */
  readonly csv?: CsvSpec;
  readonly timeoutMs: number;
  /** Most requests in flight; what cannot be sent because of it is counted, not hidden. */
  readonly maxInFlight: number;
}

/** A file of rows with a header, as it was when the experiment was read. */
export interface CsvSpec {
  /** As the experiment names it. */
  readonly file: string;
  /** Where it is. */
  readonly path: string;
  /** Users get the rows one after the other and again from the first, or each a row that is drawn. */
  readonly order: 'sequential' | 'random';
  readonly sha256: string;
}

/** A stretch of time in which the rate goes from one value to another in a straight line; a hold has both alike. */
export interface LoadStage {
  readonly fromRate: number;
  readonly toRate: number;
  readonly forMs: number;
}

/** Steps that one user takes one after the other; the first request that does not end well is the last. */
export interface ScenarioSpec {
  readonly name: string;
  readonly weight: number;
  /** Each user keeps the cookies that answers give, for the requests that follow. */
  readonly cookies?: boolean;
  readonly steps: readonly ScenarioStep[];
}

export type ScenarioStep = RequestStep | ThinkStep;

/** `name`: what metrics call it; one may be there more than once, it is measured together then. */
export type RequestStep = {readonly name: string} & LoadRequest;

/** One request, of whichever kind. */
export type LoadRequest =
  {readonly http: HttpRequestSpec} | {readonly sql: SqlRequestSpec} | {readonly redis: RedisRequestSpec};

/** A pause of a length that is drawn evenly between the two. */
export interface ThinkStep {
  readonly thinkMs: readonly [from: number, to: number];
}

/** `url` (not its host), the values of `headers`, and `body` may hold placeholders, filled for each user. */
export interface HttpRequestSpec {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Status codes that count as a success: [from, to] inclusive ranges. */
  readonly success: readonly (readonly [number, number])[];
  /** Asked of every answer with such a status, in this order; the first that fails is the outcome `check-NAME`. */
  readonly checks?: readonly AnswerCheck[];
  /** Taken from an answer that passes its checks; the first that is not there is the outcome `check-NAME`. */
  readonly carry?: readonly CarriedValue[];
  /**
   * The id of what it writes: as it was sent, or read last in a good answer, which is the outcome `check-id` where it
   * names none.
   */
  readonly id?: IdSpec | SentIdSpec;
  /** How many redirects are followed; undefined is none. */
  readonly redirects?: number;
  /** Speak HTTP/2: by ALPN to https, at once (prior knowledge) to http. */
  readonly http2?: boolean;
  readonly tls?: TlsSpec;
}

interface TlsSpec {
  readonly rejectUnauthorized: boolean;
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
}

/** What is asked of a store over connections that are kept. */
interface StoreRequestSpec {
  /** Most connections; what finds none that is free waits for one. */
  readonly connections: number;
  readonly tls?: TlsSpec;
  /** The id of what it writes: as it was sent, or read in the answer, which is `check-id` where it names none. */
  readonly id?: Pick<IdSpec, 'json' | 'matches'> | SentIdSpec;
}

/** One statement for a database; what placeholders in it stand for are its parameters, never a part of its text. */
export interface SqlRequestSpec extends StoreRequestSpec {
  readonly url: string;
  readonly query: string;
}

/** One command for Redis; all but its name may hold placeholders. */
export interface RedisRequestSpec extends StoreRequestSpec {
  readonly urls: readonly string[];
  readonly ask: WantedRole;
  readonly command: readonly string[];
}

/** What must be true of an answer. */
export type AnswerCheck = {readonly name: string} & (
  | {readonly status: readonly (readonly [number, number])[]}
  /** Most bytes of the body. */
  | {readonly maxSize: number}
  /** The header (lower case) must be there, and be as `is` says. */
  | {readonly header: string; readonly is?: AnswerCondition}
  /** The value at this path of a body in JSON must be there, and be as `is` says. */
  | {readonly json: string; readonly is?: AnswerCondition}
  | {readonly body: AnswerCondition}
);

/**
 * A value of an answer for later requests of the same user: the header (lower case), the value at the path of a body in
 * JSON, or the body; of it the group of the regular expression, where there is one.
 */
export interface CarriedValue {
  readonly name: string;
  readonly header?: string;
  readonly json?: string;
  readonly matches?: string;
}

/** `equals`: the whole value; `contains`: a part of its text; `matches`: a regular expression finds something in it. */
export type AnswerCondition = {readonly equals: Json} | {readonly contains: string} | {readonly matches: string};

/** The scenarios of a load; the short form is one scenario of one request. */
export function scenariosOf(load: LoadSpec): readonly ScenarioSpec[] {
  const {name, scenarios} = load;
  if (scenarios !== undefined) return scenarios;
  const only = onlyRequest(load);
  return only === undefined ? [] : [{name, weight: 1, steps: [{name, ...only}]}];
}

function onlyRequest({http, sql, redis}: LoadSpec): LoadRequest | undefined {
  if (http !== undefined) return {http};
  if (sql !== undefined) return {sql};
  return redis === undefined ? undefined : {redis};
}

/** Every request of these steps. */
export function requestsIn(steps: readonly ScenarioStep[]): readonly RequestStep[] {
  return steps.flatMap(step => ('thinkMs' in step ? [] : step));
}

/** Every request of a load. */
export function requestsOf(load: LoadSpec): readonly RequestStep[] {
  return scenariosOf(load).flatMap(({steps}) => requestsIn(steps));
}

/** Every request of a load with the name that metrics may give; none in the short form. */
export function namedRequests(load: LoadSpec): readonly string[] {
  return load.scenarios === undefined ? [] : [...new Set(requestsOf(load).map(({name}) => name))];
}

/** What is measured of a load. */
export const LOAD_MEASURES = [
  'latency.p50',
  'latency.p90',
  'latency.p95',
  'latency.p99',
  'latency.max',
  'latency.mean',
  'errors.ratio',
  'errors.rate',
  'throughput',
  'capacity',
] as const;
export type LoadMeasure = (typeof LOAD_MEASURES)[number];
