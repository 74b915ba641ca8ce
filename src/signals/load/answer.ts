import type {AnswerCheck, AnswerCondition, CarriedValue, HttpRequestSpec} from './spec.js';
import type {Json} from '../../quantities/json.js';
import {compilePattern} from '../../quantities/pattern.js';
import {isStatusIn} from '../../quantities/http.js';
import {parseJsonPath, valueAt} from '../../quantities/json-path.js';
import {bodyText} from '../http/content.js';
import {fieldOf, type WireAnswer, type WireReply} from '../http/exchange.js';
import {idReader, type IdCarrier} from '../writes/id.js';
import type {IdSpec} from '../writes/spec.js';
import {unfit, type ValuePlace} from './escaping.js';
import {outcomeOfError, type RequestOutcome} from './outcome.js';
import type {LoadUser} from './user.js';

/** So much of a body is kept for checks, as it came; what is longer is only counted. */
export const KEPT_BYTES = 1024 * 1024;

/** Longer values of an answer are not carried on: nobody who takes them for an id or a token would send them. */
const LONGEST_CARRIED = 16 * 1024;

/** What is looked at: an answer, and the text of its body, which is read once. */
interface CheckedAnswer extends Required<IdCarrier> {
  readonly answer: WireAnswer;
}

type AnswerTest = (looked: CheckedAnswer, user: LoadUser) => boolean;

/** What an answer to a request counts as. */
export interface AnswerRule {
  /** How many bytes of the body must be kept for it. */
  readonly keptBytes: number;
  /** `user` gets what the answer has for later requests. */
  outcomeOf(reply: WireReply, user: LoadUser): RequestOutcome;
}

/** `uses`: where later requests put what this one carries, by name. */
export function answerRule(
  {success, checks = [], carry = [], id}: Pick<HttpRequestSpec, 'success' | 'checks' | 'carry' | 'id'>,
  uses: ReadonlyMap<string, ReadonlySet<ValuePlace>> = new Map(),
): AnswerRule {
  const named = id === undefined || 'sent' in id ? undefined : id;
  const asked = [
    ...checks.map(check => ({outcome: `check-${check.name}` as const, holds: asks(check)})),
    ...carry.map(one => ({outcome: `check-${one.name}` as const, holds: carries(one, uses.get(one.name))})),
    ...(named === undefined ? [] : [{outcome: 'check-id' as const, holds: names(named)}]),
  ];
  const readsBody =
    checks.some(check => 'json' in check || 'body' in check) ||
    [...carry, ...(named === undefined ? [] : [named])].some(({header}) => header === undefined);
  return {
    keptBytes: readsBody ? KEPT_BYTES : 0,
    outcomeOf: (reply, user) => {
      if ('failed' in reply) return outcomeOfError(reply.failed);
      if (reply.leadsOn === true || !isStatusIn(reply.status, success)) return `status-${reply.status}`;
      if (asked.length === 0) return 'ok';
      const looked = lookAt(reply);
      return asked.find(({holds}) => !holds(looked, user))?.outcome ?? 'ok';
    },
  };
}

/** Keeps the id of the write that an answer acknowledges. False when there is none. */
function names(id: IdSpec): AnswerTest {
  const idOf = idReader(id);
  return (looked, user) => (user.written = idOf(looked)) !== undefined;
}

/** Keeps a value of an answer for the user. False when there is none, or it cannot stand where it is needed. */
function carries({name, header, json, matches}: CarriedValue, uses: ReadonlySet<ValuePlace> = new Set()): AnswerTest {
  const path = json === undefined ? undefined : (parseJsonPath(json) ?? []);
  const pattern = matches === undefined ? undefined : compilePattern(matches, {lines: true});
  return (looked, user) => {
    const text = carriedText(looked, {header, path});
    const value = text === undefined || pattern === undefined ? text : pattern.exec(text)?.[1];
    if (value === undefined || value === '' || value.length > LONGEST_CARRIED) return false;
    for (const place of uses) if (unfit(value, place) !== undefined) return false;
    user.carried = new Map([...user.carried, [name, value]]);
    return true;
  };
}

function carriedText(
  looked: CheckedAnswer,
  {header, path}: {header: string | undefined; path: readonly (string | number)[] | undefined},
): string | undefined {
  if (header !== undefined) return fieldOf(looked.answer, header);
  if (path === undefined) return looked.text();
  const whole = jsonIn(looked.text());
  const value = whole === undefined ? undefined : valueAt(whole, path);
  return value === undefined || value === null ? undefined : textOf(value);
}

function lookAt(answer: WireAnswer): CheckedAnswer {
  let read: {readonly text: string | undefined} | undefined;
  return {answer, text: () => (read ??= {text: bodyText(answer)}).text, field: name => fieldOf(answer, name)};
}

function asks(check: AnswerCheck): AnswerTest {
  if ('status' in check) return ({answer}) => isStatusIn(answer.status, check.status);
  if ('maxSize' in check) return ({answer}) => answer.size <= check.maxSize;
  if ('body' in check) {
    const holds = ofText(check.body);
    return looked => {
      const text = looked.text();
      return text !== undefined && holds(text);
    };
  }
  if ('header' in check) {
    const holds = check.is === undefined ? () => true : ofText(check.is);
    return ({answer}) => {
      const value = fieldOf(answer, check.header);
      return value !== undefined && holds(value);
    };
  }
  const path = parseJsonPath(check.json) ?? [];
  const holds = check.is === undefined ? () => true : ofJson(check.is);
  return looked => {
    const whole = jsonIn(looked.text());
    const value = whole === undefined ? undefined : valueAt(whole, path);
    return value !== undefined && holds(value);
  };
}

function jsonIn(text: string | undefined): Json | undefined {
  try {
    return text === undefined ? undefined : (JSON.parse(text) as Json);
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
  const pattern = compilePattern(is.matches, {lines: true});
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
