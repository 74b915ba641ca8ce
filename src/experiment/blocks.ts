import type {FaultSpec, SwitchbackSpec} from './experiment.js';
import type {Occurrence, Trigger} from './occurrence.js';

/**
 * Whether the fault is on, block by block. Before the order is drawn (a file is only checked) off and on by turns stand
 * for it: number and length of the blocks are the same in every order.
 */
export function blockOrder({blocks, order}: SwitchbackSpec): readonly boolean[] {
  return order ?? Array.from({length: blocks}, (_, block) => block % 2 === 1);
}

/** The last on block before this one; -1 for the first. */
function onBefore(order: readonly boolean[], block: number): number {
  return order.lastIndexOf(true, block - 1);
}

/**
 * The on blocks of a switchback as occurrences of its one fault: each is injected, proven and undone on its own, also
 * where two follow each other. An off block is time in which nothing is injected: the occurrence behind it starts that
 * much after the end of the one before.
 */
export function blockOccurrences(fault: FaultSpec, switchback: SwitchbackSpec): readonly Occurrence[] {
  const {blockMs} = switchback;
  const order = blockOrder(switchback);
  const idAt = (index: number) => `${fault.name}#${index + 1}`;
  return order
    .flatMap((on, block) => (on ? [block] : []))
    .map((block, index): Occurrence => {
      const before = block === 0 ? -1 : onBefore(order, block);
      const ms = (block - before - 1) * blockMs;
      const start: Trigger =
        index === 0 ? {from: 'baseline', ms} : {from: 'occurrence', occurrence: idAt(index - 1), edge: 'ends', ms};
      const label = `${fault.name} (block ${block + 1} of ${order.length})`;
      return {id: idAt(index), fault, index, block, parameters: fault.parameters, label, forMs: blockMs, start};
    });
}

/** How long the off blocks behind the last on block take: the faults are over only then. */
export function trailingMs(switchback: SwitchbackSpec | undefined): number {
  if (switchback === undefined) return 0;
  const order = blockOrder(switchback);
  return (order.length - 1 - order.lastIndexOf(true)) * switchback.blockMs;
}
