import {blockOrder} from '../../experiment/blocks.js';
import type {SwitchbackSpec} from '../../experiment/experiment.js';
import type {Facts} from '../facts.js';
import type {Span} from '../judgement/data.js';
import type {OccurrenceFacts} from '../occurrences.js';

/**
 * A block of a switchback as it was played, without its washout; undefined where it did not happen or was cut short.
 */
export interface PlayedBlock {
  readonly on: boolean;
  readonly span: Span | undefined;
}

/** A block of which less is left was cut short. */
const MIN_LEFT = 0.5;

/**
 * From the confirmation to the undo; the time between belongs to it also where the fault was lost for a while: what was
 * drawn decides.
 */
function onSpan(occurrence: OccurrenceFacts | undefined): Span | undefined {
  const first = occurrence?.segments[0];
  const last = occurrence?.segments.at(-1);
  return first === undefined || last === undefined ? undefined : {fromUs: first.fromUs, toUs: last.toUs};
}

/**
 * When the off blocks behind an on block begin: when nothing of it is left to undo. The first ones begin with the fault
 * phase.
 */
function freeFrom(
  order: readonly boolean[],
  block: number,
  {facts, on}: Played,
): {fromUs: number; from: number} | undefined {
  const from = order.lastIndexOf(true, block);
  if (from === -1) {
    const phase = facts.phases.find(entered => entered.phase === 'fault');
    return phase === undefined ? undefined : {fromUs: phase.fromUs, from: 0};
  }
  const overUs = on(from)?.overUs ?? null;
  return overUs === null ? undefined : {fromUs: overUs, from: from + 1};
}

interface Played {
  readonly facts: Facts;
  readonly on: (block: number) => OccurrenceFacts | undefined;
}

/**
 * An off block lies where nothing was injected: so many blocks behind the last undo, and not beyond the next request.
 */
function offSpan(
  order: readonly boolean[],
  block: number,
  {blockMs, played}: {blockMs: number; played: Played},
): Span | undefined {
  const free = freeFrom(order, block, played);
  if (free === undefined) return undefined;
  const fromUs = free.fromUs + (block - free.from) * blockMs * 1000;
  const next = order.indexOf(true, block);
  const untilUs = next === -1 ? played.facts.endUs : (played.on(next)?.requestedUs ?? played.facts.endUs);
  return {fromUs, toUs: Math.min(untilUs, fromUs + blockMs * 1000)};
}

/** The blocks of a switchback as the record shows them. What is asked for and not yet verified belongs to none. */
export function playedBlocks(facts: Facts, switchback: SwitchbackSpec): readonly PlayedBlock[] {
  const {blockMs, washoutMs} = switchback;
  const order = blockOrder(switchback);
  const inOrder = order.flatMap((on, block) => (on ? [block] : []));
  const on = (block: number) =>
    facts.occurrences.find(({planned}, i) => (planned.block ?? inOrder[i]) === block && order[block] === true);
  return order.map((isOn, block) => {
    const span = isOn ? onSpan(on(block)) : offSpan(order, block, {blockMs, played: {facts, on}});
    const settled = span && {...span, fromUs: span.fromUs + washoutMs * 1000};
    const left = settled === undefined ? 0 : settled.toUs - settled.fromUs;
    return {on: isOn, span: left >= (blockMs - washoutMs) * 1000 * MIN_LEFT ? settled : undefined};
  });
}
