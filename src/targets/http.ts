import type {Json} from '../quantities/json.js';

/** What a fault wants done to HTTP requests, as data: the same for a proxied connection and for a container. */

/** A glob, or a regular expression. */
export type TextPattern = string | {readonly regexp: string};

/** Which requests are meant: all that is given has to hold. */
export interface RequestMatch {
  readonly method?: readonly string[] | undefined;
  readonly path?: TextPattern | undefined;
  readonly header?: Readonly<Record<string, TextPattern>> | undefined;
}

/** What becomes of a request that is hit. Times in ms. */
export type RequestTreatment =
  | {readonly type: 'http-latency'; readonly delayMs: number; readonly jitterMs: number}
  | {
      readonly type: 'http-status';
      readonly status: number;
      readonly headers: Readonly<Record<string, string>>;
      readonly body: string;
      /** The service is asked too, and its response dropped. */
      readonly ask: boolean;
    }
  | {readonly type: 'http-abort'; readonly at: 'before' | 'middle'; readonly by: 'close' | 'reset'}
  | {
      readonly type: 'http-body';
      readonly set: Readonly<Record<string, string>>;
      readonly remove: readonly string[];
      readonly body: string | undefined;
      readonly replace: readonly {readonly find: TextPattern; readonly with: string}[];
      /** By JSON pointer. */
      readonly json: Readonly<Record<string, Json>>;
    };

/** Where a container meets the requests: those it receives on a port, or those it sends to a host. */
export interface RequestPlace {
  /** Undefined: the one port it listens on. */
  readonly port: number | undefined;
  readonly to: {readonly host: string; readonly port: number} | undefined;
  readonly existing: 'reset' | 'leave';
}

export interface HttpWish {
  readonly treatment: RequestTreatment;
  readonly match: RequestMatch;
  /** Share of the requests that match. */
  readonly share: number;
  readonly seed: number | undefined;
  readonly forMs: number;
  /** For containers only: a proxied connection is a place of its own. */
  readonly place: RequestPlace | undefined;
}

function patternText(pattern: TextPattern): string {
  return typeof pattern === 'string' ? pattern : `/${pattern.regexp}/`;
}

/** `GET, POST /cart/** with x-user: 7*`; `requests` when all are meant. */
export function describeMatch({method, path, header}: RequestMatch): string {
  const fields = Object.entries(header ?? {}).map(([name, value]) => `${name}: ${patternText(value)}`);
  const line = [method?.join(', '), path === undefined ? undefined : patternText(path)].filter(
    one => one !== undefined,
  );
  const what = line.length === 0 ? 'requests' : `\`${line.join(' ')}\``;
  return fields.length === 0 ? what : `${what} with \`${fields.join('`, `')}\``;
}

/** What is done to them, for the plan: `delay … by 200ms`. */
export function describeTreatment(treatment: RequestTreatment, what: string, duration: (ms: number) => string): string {
  switch (treatment.type) {
    case 'http-latency': {
      const jitter = treatment.jitterMs === 0 ? '' : ` ± ${duration(treatment.jitterMs)}`;
      return `delay ${what} by ${duration(treatment.delayMs)}${jitter}`;
    }
    case 'http-status':
      return `answer ${what} with ${treatment.status}${treatment.ask ? ' after asking the service' : ''}`;
    case 'http-abort': {
      const how = treatment.by === 'reset' ? 'reset (RST)' : 'close';
      return treatment.at === 'before'
        ? `${how} the connection of ${what}, unanswered`
        : `${how} the connection of ${what} in the middle of the response`;
    }
    case 'http-body':
      return `change the responses to ${what}`;
  }
}
