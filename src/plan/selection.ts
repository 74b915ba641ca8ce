import type {TargetSpec} from '../experiment/experiment.js';
import {FiredrillError} from '../system/error.js';
import type {Candidate} from '../targets/contract.js';

export interface Selection {
  /** In a stable order: by object. */
  readonly hit: readonly Candidate[];
  readonly excluded: readonly {readonly candidate: Candidate; readonly why: string}[];
}

export interface SelectionRequest {
  /** The target's name in the file. */
  readonly name: string;
  readonly candidates: readonly Candidate[];
  readonly select: TargetSpec['select'] | undefined;
  /** Seeded stream of numbers in [0, 1): the same seed hits the same targets. */
  readonly random: () => number;
  /** What was looked for, in the words of the file; for the message when nothing was found. */
  readonly lookedFor?: string;
}

/** Most candidates that a message names. */
const NAMED = 10;

/** Whether a candidate may be hit, and can. */
export function isFree({protectedBy, unfit}: Candidate): boolean {
  return protectedBy === undefined && unfit === undefined;
}

/**
 * Chooses what is hit among the candidates. Those that are protected or cannot take a fault never count as candidates,
 * but are named.
 * @throws FiredrillError TARGET_NONE, TARGET_PROTECTED or TARGET_AMBIGUOUS.
 */
export function selectTargets(request: SelectionRequest): Selection {
  const {name, candidates, select} = request;
  const all = distinct(candidates);
  const barred = all.flatMap(candidate => {
    const {protectedBy, unfit} = candidate;
    if (protectedBy !== undefined) return [{candidate, why: `protected: ${protectedBy}`}];
    return unfit === undefined ? [] : [{candidate, why: unfit}];
  });
  const free = all.filter(isFree);
  if (free.length === 0) throw nothingFound(request, barred);
  const wanted = howMany(select, free.length);
  if (wanted === undefined) throw ambiguous(name, free);
  if (wanted > free.length)
    throw new FiredrillError(
      'TARGET_NONE',
      `Target \`${name}\`: expected at least ${wanted} candidates for \`select: {count: ${wanted}}\`; got ${free.length}: ${list(free)}${leftOut(barred)}.`,
      {hint: 'Lower `count`, widen the selector, or use `percent`.'},
    );
  const hit = wanted === free.length ? free : draw(all, wanted, request.random);
  const spared = free
    .filter(candidate => !hit.includes(candidate))
    .map(candidate => ({candidate, why: 'not drawn by `select`'}));
  return {hit, excluded: [...barred, ...spared]};
}

/** One entry per object, ordered by object: the order in which an engine answers must not decide what is hit. */
function distinct(candidates: readonly Candidate[]): readonly Candidate[] {
  const key = ({ref}: Candidate) => `${ref.driver}\n${ref.endpoint}\n${ref.object}`;
  const known = new Map<string, Candidate>();
  for (const candidate of candidates) if (!known.has(key(candidate))) known.set(key(candidate), candidate);
  return [...known].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, candidate]) => candidate);
}

/** How many of `n` candidates; undefined when the file does not say and there are several. */
function howMany(select: TargetSpec['select'] | undefined, n: number): number | undefined {
  switch (select?.mode) {
    case undefined:
      return n === 1 ? 1 : undefined;
    case 'all':
      return n;
    case 'count':
      return select.count;
    case 'percent':
      // 29 % of 100 is 28.999…96 in floating point and means 29.
      return Math.min(n, Math.max(1, Math.floor(select.share * n + 1e-9)));
  }
}

/**
 * The first `wanted` of a seeded shuffle, back in the order of the candidates. Also one that cannot take a fault has a
 * lot: who else is hit does not change with it.
 */
function draw(all: readonly Candidate[], wanted: number, random: () => number): readonly Candidate[] {
  const lots = all.filter(({protectedBy}) => protectedBy === undefined).map(candidate => ({candidate, lot: random()}));
  const drawn = new Set(
    lots
      .filter(({candidate}) => isFree(candidate))
      .sort((a, b) => a.lot - b.lot)
      .slice(0, wanted)
      .map(({candidate}) => candidate),
  );
  return all.filter(candidate => drawn.has(candidate));
}

/** Each with the reason why it is not hit. */
function listBarred(barred: Selection['excluded']): string {
  const named = barred.slice(0, NAMED).map(({candidate, why}) => `\`${candidate.ref.name}\` (${why})`);
  return named.join(', ') + more(barred.length);
}

function leftOut(barred: Selection['excluded']): string {
  return barred.length === 0 ? '' : `; left out: ${listBarred(barred)}`;
}

function nothingFound(request: SelectionRequest, barred: Selection['excluded']): FiredrillError {
  const {name, lookedFor} = request;
  if (barred.some(({candidate}) => candidate.unfit !== undefined)) {
    return new FiredrillError(
      'TARGET_UNSUITABLE',
      `Target \`${name}\`: nothing that matches can take the fault: ${listBarred(barred)}.`,
      {hint: 'Put them into the state that the fault needs, or choose another target.'},
    );
  }
  if (barred.length > 0) {
    return new FiredrillError(
      'TARGET_PROTECTED',
      `Target \`${name}\`: all that matches is protected: ${listBarred(barred)}.`,
      {hint: 'Choose another target; protection cannot be switched off by an experiment.'},
    );
  }
  const what = lookedFor === undefined ? 'its selector' : `\`${lookedFor}\``;
  return new FiredrillError(
    'TARGET_NONE',
    `Target \`${name}\`: expected something that matches ${what}; found nothing.`,
    {
      hint: 'Is it running, and is the selector right?',
    },
  );
}

function ambiguous(name: string, free: readonly Candidate[]): FiredrillError {
  return new FiredrillError(
    'TARGET_AMBIGUOUS',
    `Target \`${name}\`: expected one candidate because the file has no \`select\`; found ${free.length}: ${list(free)}.`,
    {hint: 'Narrow the selector, or say how many: `select: {count: 1}`, `select: {percent: 50%}` or `select: all`.'},
  );
}

function list(candidates: readonly Candidate[]): string {
  const named = candidates.slice(0, NAMED).map(({ref, details: {command}}) => {
    const says = typeof command === 'string' ? ` (${command.length > 60 ? `${command.slice(0, 59)}…` : command})` : '';
    return `\`${ref.name}\`${says}`;
  });
  return named.join(', ') + more(candidates.length);
}

function more(total: number): string {
  return total > NAMED ? ` and ${total - NAMED} more` : '';
}
