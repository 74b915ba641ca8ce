import type {CheckSpec, ComparisonSpec} from '../experiment/experiment.js';
import {shortNumber} from '../quantities/number.js';
import {eventsOf, type EventOf, type Facts} from './facts.js';
import {SECOND_US} from './judgement/data.js';
import type {CheckResult} from './result.js';

const BOUNDS = ['equals', 'below', 'above'] as const;

/** What `${load:NAME.FIELD}` can name, counted over the time between the two reads of a check. */
const LOAD_COUNTS = ['accepted', 'failed', 'sent', 'intended'] as const;
type LoadCount = (typeof LOAD_COUNTS)[number];

interface Reads {
  readonly before: EventOf<'check.read'> | undefined;
  readonly after: EventOf<'check.read'> | undefined;
}

function countLoad(facts: Facts, load: string, field: LoadCount, {before, after}: Reads): number | null {
  const fromUs = before === undefined ? -Infinity : facts.time.us(before.at) - SECOND_US;
  const toUs = after === undefined ? Infinity : facts.time.us(after.at);
  const seconds = facts.evidence.loads.filter(second => second.load === load && second.at > fromUs && second.at < toUs);
  if (seconds.length === 0) return null;
  return seconds.reduce((sum, {intended, sent, outcomes}) => {
    const accepted = (outcomes['ok'] ?? []).reduce((total, [, amount]) => total + amount, 0);
    return sum + {accepted, failed: sent - accepted, sent, intended}[field];
  }, 0);
}

/** A number, or what a reference such as `${load:checkout.accepted}` came to; null when that is not known. */
function resolve(facts: Facts, value: number | string, reads: Reads): number | null {
  if (typeof value === 'number') return value;
  const match = /^\$\{load:(.+)\.([a-z]+)\}$/.exec(value.trim());
  const field = LOAD_COUNTS.find(name => name === match?.[2]);
  if (match?.[1] !== undefined && field !== undefined) return countLoad(facts, match[1], field, reads);
  const number = Number(value);
  return value.trim() !== '' && Number.isFinite(number) ? number : null;
}

type Answer = Pick<CheckResult, 'verdict' | 'why'>;

function compare(facts: Facts, what: string, actual: number, of: {spec: ComparisonSpec; reads: Reads}): Answer {
  for (const bound of BOUNDS) {
    const wanted = of.spec[bound];
    if (wanted === undefined) continue;
    const limit = resolve(facts, wanted, of.reads);
    if (limit === null) return {verdict: 'inconclusive', why: `${String(wanted)} is not known`};
    const ok = bound === 'equals' ? actual === limit : bound === 'below' ? actual < limit : actual > limit;
    if (!ok)
      return {verdict: 'deviated', why: `${what} is ${shortNumber(actual)}, expected: ${bound} ${shortNumber(limit)}`};
  }
  return {verdict: 'held', why: `${what} is ${shortNumber(actual)}, as expected`};
}

function describe(spec: CheckSpec): string {
  const say = (what: string, comparison: ComparisonSpec | undefined): readonly string[] =>
    comparison === undefined
      ? []
      : BOUNDS.flatMap(bound =>
          comparison[bound] === undefined ? [] : [`${what} ${bound} ${String(comparison[bound])}`],
        );
  return [...say('the value afterwards', spec.value), ...say('the change', spec.change)].join('; ');
}

function judgeChange(facts: Facts, spec: ComparisonSpec, after: number, reads: Reads): Answer {
  const before = reads.before?.value ?? null;
  if (before !== null) return compare(facts, 'the change', after - before, {spec, reads});
  return {verdict: 'inconclusive', why: reads.before?.why ?? 'it was not read before the injection'};
}

function judgeCheck(facts: Facts, spec: CheckSpec, reads: Reads): Answer {
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
  const nothing: Answer = {verdict: 'inconclusive', why: 'it expects nothing'};
  const worst = (['deviated', 'inconclusive', 'held'] as const).map(verdict =>
    answers.find(answer => answer.verdict === verdict),
  );
  return worst.find(answer => answer !== undefined) ?? nothing;
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
      expected: describe(spec),
      ...judgeCheck(facts, spec, pair),
    };
  });
}
