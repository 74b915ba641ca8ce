import {BOUNDS, type Bounds, type CheckSpec, type ComparisonSpec} from '../experiment/experiment.js';
import {LOAD_COUNTS, parseLoadReference} from '../experiment/load-reference.js';
import {formatQuantity} from '../quantities/format.js';
import {shortNumber} from '../quantities/number.js';
import type {TotalsOfRead} from '../record/events.js';
import type {LoadSecond} from '../signals/contract.js';
import {eventsOf, type EventOf, type Facts} from './facts.js';
import {SECOND_US} from '../quantities/duration.js';
import {describeBounds, isWithin} from './judgement/tolerance.js';
import {count} from './phrase.js';
import type {CheckResult} from './result.js';

const BOUND_WORDS: Readonly<Record<keyof Bounds, string>> = {
  equals: 'equals',
  above: 'above',
  atLeast: 'at least',
  below: 'below',
  atMost: 'at most',
};

type LoadCount = (typeof LOAD_COUNTS)[number];

interface CheckReads {
  readonly before: EventOf<'check.read'> | undefined;
  readonly after: EventOf<'check.read'> | undefined;
}

/**
 * What a value is compared with. A count that was taken while requests were under way is only known to lie between two
 * numbers.
 */
interface Limit {
  readonly lo: number;
  readonly hi: number;
  /** Requests that got no answer: the target may have carried out so many more than were accepted. */
  readonly unanswered: number;
}

const exactly = (value: number): Limit => ({lo: value, hi: value, unanswered: 0});

/**
 * So many requests a value that was read meanwhile contains at least, and at most: those under way may have reached the
 * target or not.
 */
function containedIn({from, to}: TotalsOfRead, field: LoadCount): readonly [least: number, most: number] {
  return field === 'intended' || field === 'sent'
    ? [from[field] - from.inFlight, to[field]]
    : [from[field], to[field] + to.inFlight];
}

/** By the totals that were recorded with the reads. */
function countedBetween(before: TotalsOfRead, after: TotalsOfRead, field: LoadCount): Limit {
  const [leastBefore, mostBefore] = containedIn(before, field);
  const [leastAfter, mostAfter] = containedIn(after, field);
  const unanswered = field === 'accepted' ? after.to.unanswered - before.from.unanswered : 0;
  return {lo: leastAfter - mostBefore, hi: mostAfter - leastBefore, unanswered};
}

function countIn(seconds: readonly LoadSecond[], field: LoadCount): number {
  return seconds.reduce((sum, {intended, sent, outcomes}) => {
    const accepted = (outcomes['ok'] ?? []).reduce((total, [, amount]) => total + amount, 0);
    return sum + {accepted, failed: sent - accepted, sent, intended}[field];
  }, 0);
}

/**
 * How far the moment of a value may be from that of its event, in records that do not tell what was counted at a read.
 */
const READ_US = SECOND_US;

/** Records of earlier versions know only whole seconds: those that surely lie between the reads, and those that may. */
function countedInSeconds(facts: Facts, load: string, field: LoadCount, {before, after}: CheckReads): Limit | null {
  const fromUs = before === undefined ? -Infinity : facts.time.us(before.at);
  const toUs = after === undefined ? Infinity : facts.time.us(after.at);
  const seconds = facts.evidence.loads.filter(second => second.load === load);
  const surely = seconds.filter(({at}) => at >= fromUs && at + SECOND_US <= toUs - READ_US);
  const maybe = seconds.filter(({at}) => at + SECOND_US > fromUs - READ_US && at < toUs);
  if (maybe.length === 0) return null;
  return {lo: countIn(surely, field), hi: countIn(maybe, field), unanswered: 0};
}

function countLoad(facts: Facts, load: string, field: LoadCount, reads: CheckReads): Limit | null {
  const [before, after] = [reads.before?.loads?.[load], reads.after?.loads?.[load]];
  return before === undefined || after === undefined
    ? countedInSeconds(facts, load, field, reads)
    : countedBetween(before, after, field);
}

/** A number, or what a reference such as `${load:checkout.accepted}` came to; null when that is not known. */
function resolve(facts: Facts, value: number | string, reads: CheckReads): Limit | null {
  if (typeof value === 'number') return exactly(value);
  const reference = parseLoadReference(value.trim());
  const field = LOAD_COUNTS.find(name => name === reference?.count);
  if (reference !== undefined && field !== undefined) return countLoad(facts, reference.load, field, reads);
  const number = Number(value);
  return value.trim() !== '' && Number.isFinite(number) ? exactly(number) : null;
}

type CheckVerdict = Pick<CheckResult, 'verdict' | 'why'>;

/** Whether a value surely keeps to a bound of which only an area is known, and whether it may. */
const KEEPS: Readonly<
  Record<keyof Bounds, (actual: number, limit: Limit) => readonly [surely: boolean, maybe: boolean]>
> = {
  equals: (actual, {lo, hi, unanswered}) => [lo === hi && actual === lo, actual >= lo && actual <= hi + unanswered],
  below: (actual, {lo, hi, unanswered}) => [actual < lo, actual < hi + unanswered],
  above: (actual, {lo, hi}) => [actual > hi, actual > lo],
  atMost: (actual, {lo, hi, unanswered}) => [actual <= lo, actual <= hi + unanswered],
  atLeast: (actual, {lo, hi}) => [actual >= hi, actual >= lo],
};

function keepsTo(actual: number, bound: keyof Bounds, limit: Limit): CheckVerdict['verdict'] {
  const [surely, maybe] = KEEPS[bound](actual, limit);
  return surely ? 'held' : maybe ? 'inconclusive' : 'deviated';
}

function openWords(what: string, actual: number, bound: string, {lo, hi, unanswered}: Limit): string {
  const is = `${what} is ${shortNumber(actual)}, expected: ${bound}`;
  if (lo === hi)
    return `${is} ${shortNumber(lo)}; ${count(unanswered, 'request')} got no answer and may have been carried out, so it is open`;
  return `${is} a count between ${shortNumber(lo)} and ${shortNumber(hi)}: requests were under way when it was read, so it is open`;
}

function compare(
  facts: Facts,
  what: string,
  actual: number,
  of: {spec: ComparisonSpec; reads: CheckReads},
): CheckVerdict {
  const answers = BOUNDS.flatMap((bound): readonly CheckVerdict[] => {
    const wanted = of.spec[bound];
    if (wanted === undefined) return [];
    const limit = resolve(facts, wanted, of.reads);
    if (limit === null) return [{verdict: 'inconclusive', why: `${String(wanted)} is not known`}];
    const verdict = keepsTo(actual, bound, limit);
    if (verdict === 'held') return [];
    if (verdict === 'inconclusive') return [{verdict, why: openWords(what, actual, BOUND_WORDS[bound], limit)}];
    const expected =
      limit.lo === limit.hi ? shortNumber(limit.lo) : `${shortNumber(limit.lo)} to ${shortNumber(limit.hi)}`;
    return [{verdict, why: `${what} is ${shortNumber(actual)}, expected: ${BOUND_WORDS[bound]} ${expected}`}];
  });
  return worstOf(answers) ?? {verdict: 'held', why: `${what} is ${shortNumber(actual)}, as expected`};
}

/** The first answer that is worst. */
function worstOf(answers: readonly CheckVerdict[]): CheckVerdict | undefined {
  const worst = (['deviated', 'inconclusive', 'held'] as const).map(verdict =>
    answers.find(answer => answer.verdict === verdict),
  );
  return worst.find(answer => answer !== undefined);
}

/** What a check expects: `the value afterwards equals 3; the change below 1`. */
export function describeCheck(spec: CheckSpec): string {
  const say = (what: string, comparison: ComparisonSpec | undefined): readonly string[] =>
    comparison === undefined
      ? []
      : BOUNDS.flatMap(bound =>
          comparison[bound] === undefined ? [] : [`${what} ${BOUND_WORDS[bound]} ${String(comparison[bound])}`],
        );
  return [...say('the value afterwards', spec.value), ...say('the change', spec.change)].join('; ');
}

function judgeChange(facts: Facts, spec: ComparisonSpec, after: number, reads: CheckReads): CheckVerdict {
  const before = reads.before?.value ?? null;
  if (before !== null) return compare(facts, 'the change', after - before, {spec, reads});
  return {verdict: 'inconclusive', why: reads.before?.why ?? 'it was not read before the injection'};
}

function judgeCheck(facts: Facts, spec: CheckSpec, reads: CheckReads): CheckVerdict {
  const after = reads.after?.value ?? null;
  if (after === null) {
    const why =
      reads.after === undefined ? 'it was not read after the recovery' : (reads.after.why ?? 'it has no value');
    return {verdict: 'inconclusive', why};
  }
  const answers = [
    ...(spec.value === undefined ? [] : [compare(facts, 'the value afterwards', after, {spec: spec.value, reads})]),
    ...(spec.change === undefined ? [] : [judgeChange(facts, spec.change, after, reads)]),
  ];
  return worstOf(answers) ?? {verdict: 'inconclusive', why: 'it expects nothing'};
}

/**
 * Why a check whose value must be so after the run is not so before it; undefined where it is, or where that is known
 * only after the run.
 */
export function failsAlready({value: wanted = {}, unit = 'number'}: CheckSpec, before: number): string | undefined {
  const known = Object.entries(wanted).filter(([, bound]) => typeof bound === 'number');
  const bounds: Bounds = Object.fromEntries(known);
  if (isWithin(before, bounds)) return undefined;
  return `it is ${formatQuantity(before, unit)}, expected: ${describeBounds(bounds, unit)}`;
}

/** The checks of the file: read before the injection and after the recovery, and compared. */
export function checkResults(facts: Facts): readonly CheckResult[] {
  const reads = eventsOf(facts.evidence.events, 'check.read');
  return facts.experiment.expect.checks.map(spec => {
    const of = (when: 'before' | 'after') => reads.findLast(read => read.check === spec.name && read.when === when);
    const pair = {before: of('before'), after: of('after')};
    return {
      name: spec.name,
      before: pair.before?.value ?? null,
      after: pair.after?.value ?? null,
      expected: describeCheck(spec),
      ...judgeCheck(facts, spec, pair),
    };
  });
}
