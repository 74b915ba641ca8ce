import {blockOrder} from '../experiment/blocks.js';
import type {SwitchbackSpec} from '../experiment/experiment.js';
import {formatDuration} from '../quantities/duration.js';

/** How many blocks stand on one line. */
const ON_A_LINE = 20;

/** The blocks of a switchback: how many, how long, and their order where it has been drawn. */
export function blockLines(switchback: SwitchbackSpec): string[] {
  const {blocks, blockMs, washoutMs, order} = switchback;
  const on = blockOrder(switchback).filter(Boolean).length;
  const left = washoutMs === 0 ? '' : `, the first ${formatDuration(washoutMs)} of each left out`;
  const head = `  ${blocks} blocks of ${formatDuration(blockMs)}${left}; the fault is on in ${on} of them`;
  if (order === undefined) return [`${head}, in an order that is drawn when the run is planned`];
  const words = order.map(isOn => (isOn ? 'on' : 'off'));
  const rows = Array.from({length: Math.ceil(words.length / ON_A_LINE)}, (_, row) =>
    words.slice(row * ON_A_LINE, (row + 1) * ON_A_LINE),
  );
  return [`${head}, in this order:`, ...rows.map(row => `    ${row.join(' ')}`)];
}
