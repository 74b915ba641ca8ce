import type {AnswerCheck, AnswerCondition, HttpRequestSpec} from '../../experiment/load.js';
import type {Json} from '../../quantities/json.js';
import {isStatusIn} from '../../quantities/http.js';
import {parseJsonPath, valueAt} from '../../quantities/json-path.js';
import {outcomeOfStatus, type Outcome} from './outcome.js';

/** So much of a body is there for checks; what is longer is only counted. */
export const KEPT_BYTES = 1024 * 1024;

/** A complete answer, as far as checks look at it. */
export interface Answer {
  readonly status: number;
  /** Bytes of the body. */
  readonly size: number;
  /** The field of this name (lower case); several are joined as lists are. */
  field(name: string): string | undefined;
  /** The first `KEPT_BYTES` of the body. */
  readonly content: Buffer;
}

type Asked = (answer: Answer) => boolean;

/** What an answer to a request counts as. */
export interface AnswerRule {
  /** How many bytes of the body must be kept for it. */
  readonly keptBytes: number;
  /** Whether it looks at more than the status. */
  readonly looksInside: boolean;
  outcomeOf(answer: Answer): Outcome;
  outcomeOfStatus(status: number): Outcome;
}

export function answerRule({success, checks = []}: Pick<HttpRequestSpec, 'success' | 'checks'>): AnswerRule {
  const asked = checks.map(check => ({outcome: `check-${check.name}` as const, holds: asks(check)}));
  return {
    keptBytes: checks.some(check => 'json' in check || 'body' in check) ? KEPT_BYTES : 0,
    looksInside: checks.length > 0,
    outcomeOfStatus: status => outcomeOfStatus(status, success),
    outcomeOf: answer => {
      const outcome = outcomeOfStatus(answer.status, success);
      if (outcome !== 'ok') return outcome;
      return asked.find(({holds}) => !holds(answer))?.outcome ?? 'ok';
    },
  };
}

function asks(check: AnswerCheck): Asked {
  if ('status' in check) return ({status}) => isStatusIn(status, check.status);
  if ('maxSize' in check) return ({size}) => size <= check.maxSize;
  if ('body' in check) {
    const holds = ofText(check.body);
    return ({content}) => holds(content.toString('utf8'));
  }
  if ('header' in check) {
    const holds = check.is === undefined ? () => true : ofText(check.is);
    return answer => {
      const value = answer.field(check.header);
      return value !== undefined && holds(value);
    };
  }
  const path = parseJsonPath(check.json) ?? [];
  const holds = check.is === undefined ? () => true : ofJson(check.is);
  return ({content}) => {
    const whole = jsonIn(content);
    const value = whole === undefined ? undefined : valueAt(whole, path);
    return value !== undefined && holds(value);
  };
}

function jsonIn(content: Buffer): Json | undefined {
  try {
    return JSON.parse(content.toString('utf8')) as Json;
  } catch {
    return undefined;
  }
}

/** Of texts their characters, of everything else its JSON. */
const textOf = (value: Json): string => (typeof value === 'string' ? value : JSON.stringify(value));

function ofText(is: AnswerCondition): (text: string) => boolean {
  if ('equals' in is) {
    const wanted = textOf(is.equals);
    return text => text === wanted;
  }
  if ('contains' in is) return text => text.includes(is.contains);
  const pattern = new RegExp(is.matches, 'mu');
  return text => pattern.test(text);
}

function ofJson(is: AnswerCondition): (value: Json) => boolean {
  if ('equals' in is) {
    const wanted = canonical(is.equals);
    return value => canonical(value) === wanted;
  }
  const holds = ofText(is);
  return value => holds(textOf(value));
}

/** JSON with the members of every mapping in one order. */
function canonical(value: Json): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}
