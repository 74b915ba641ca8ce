import type {WritesSpec} from '../../experiment/experiment.js';
import {describeBounds} from '../judgement/tolerance.js';
import {capital, list} from '../phrase.js';
import type {WritesFound, WritesResult} from '../result.js';

/** `1 write`, `5,321 writes`. */
export function amount(number: number, noun: string, plural = `${noun}s`): string {
  return `${number.toLocaleString('en')} ${number === 1 ? noun : plural}`;
}

/** `37`, `3 to 5`, `at least 3`. */
export function areaWords({atLeast, atMost}: Pick<WritesFound, 'atLeast' | 'atMost'>): string {
  const from = atLeast.toLocaleString('en');
  if (atMost === null) return `at least ${from}`;
  return atMost === atLeast ? from : `${from} to ${atMost.toLocaleString('en')}`;
}

/** What a check of writes expects: `lost: exactly 0; stored more than once: at most 3`. */
export function describeWrites(spec: Pick<WritesSpec, 'lost' | 'doubled' | 'unacknowledged'>): string {
  return KINDS.flatMap(([key, words]) => {
    const bounds = spec[key];
    return bounds === undefined ? [] : [`${words}: ${describeBounds(bounds, 'number')}`];
  }).join('; ');
}

const isNone = ({atLeast, atMost}: WritesFound) => atLeast === 0 && atMost === 0;

const KINDS = [
  ['lost', 'lost'],
  ['doubled', 'stored more than once'],
  ['unacknowledged', 'stored although not acknowledged'],
] as const;

/** `37 of 5,321 acknowledged writes are lost (allowed: exactly 0), 3 are stored more than once`. */
export function writesWords(
  result: Pick<WritesResult, 'acknowledged' | 'lost' | 'doubled' | 'unacknowledged' | 'uncertain' | 'verdict'>,
): string {
  const told = KINDS.flatMap(([key, words]) => {
    const found = result[key];
    if (found === undefined || (key !== 'lost' && isNone(found) && found.verdict === null)) return [];
    const number = areaWords(found);
    const of = key === 'lost' ? ` of ${amount(result.acknowledged ?? 0, 'acknowledged write')}` : '';
    const allowed =
      found.verdict === null || found.verdict === 'held' ? '' : ` (allowed: ${found.expected ?? 'no limit'})`;
    return [`${number}${of} ${number === '1' ? 'is' : 'are'} ${words}${allowed}`];
  });
  const open = result.verdict === 'inconclusive' && result.uncertain.length > 0 ? `: ${list(result.uncertain)}` : '';
  return `${told.join(', ')}${open}`;
}

const PHASES: Readonly<Record<string, string>> = {
  prepare: 'before the warm-up',
  warmup: 'in the warm-up',
  baseline: 'in the baseline',
  fault: 'in the phase of the fault',
  recovery: 'in the recovery',
  'leak-check': 'after the recovery',
};

export function phaseWords(phase: string): string {
  return PHASES[phase] ?? `in the phase ${phase}`;
}

/** `31 were sent in the phase of the fault and 6 in the recovery, between … and … UTC`. */
export function sentWords({phases, sent}: WritesFound): string {
  const each = Object.entries(phases).map(([phase, number]) => `${number.toLocaleString('en')} ${phaseWords(phase)}`);
  const between = sent === undefined ? '' : `, between ${sent.from} and ${sent.to}`;
  return each.length === 0 ? '' : capital(`sent: ${list(each)}${between}`);
}

/** `1007 (sent 2026-…Z in the recovery)`. */
export function exampleWords({id, sentAt, phase}: WritesFound['examples'][number]): string {
  return `${id} (sent ${sentAt} ${phaseWords(phase)})`;
}

/** A check of writes as the cells of a table, and what is below it: what is uncertain, and examples. */
export interface ToldWrites {
  readonly name: string;
  readonly acknowledged: string;
  readonly lost: string;
  readonly doubled: string;
  readonly unacknowledged: string;
  readonly expected: string;
  readonly notes: readonly string[];
}

const MOST_TOLD = 5;

export function toldWrites(result: WritesResult): ToldWrites {
  const {name, acknowledged, late, why, uncertain, lost} = result;
  const cell = (found: WritesFound | undefined) => (found === undefined ? '–' : areaWords(found));
  const expected = KINDS.flatMap(([key, words]) => {
    const bound = result[key]?.expected;
    return bound === undefined || bound === null ? [] : [`${words}: ${bound}`];
  });
  const examples = KINDS.flatMap(([key, words]) => {
    const found = result[key];
    if (found === undefined || found.examples.length === 0) return [];
    const more = found.atLeast > MOST_TOLD ? ', …' : '';
    const told = found.examples.slice(0, MOST_TOLD).map(exampleWords).join(', ');
    return [`${capital(words)}: ${told}${more}`];
  });
  return {
    name,
    acknowledged: acknowledged === null ? '–' : acknowledged.toLocaleString('en'),
    lost: cell(lost),
    doubled: cell(result.doubled),
    unacknowledged: cell(result.unacknowledged),
    expected: expected.join('; '),
    notes: [
      ...(lost === undefined ? [capital(why)] : uncertain.map(reason => `Uncertain: ${reason}`)),
      ...(late === 0
        ? []
        : [
            `${amount(late, 'write')} ${late === 1 ? 'was' : 'were'} missing in the first list and there in a later one.`,
          ]),
      ...examples,
    ],
  };
}
