import type {WritesSpec} from '../../experiment/experiment.js';
import {WrittenIds} from '../../signals/writes/compare.js';
import type {ComparedWrites} from '../../signals/writes/spec.js';
import type {RunContext} from '../context.js';
import type {Measurement} from './measure.js';

/** So often what is stored is listed at most, where it goes on changing. */
const MOST_LISTS = 6;

/**
 * Compares what a load has written with what is stored, and records it. Where a write seems lost, or one that was not
 * acknowledged may still be under way, the list is read again until two in a row agree: a stand-by that lags, or a
 * server that still works, must not look like a loss. A list that could not be read is on record, and nothing is
 * compared.
 */
export async function compareWrites(context: RunContext, measurement: Measurement, check: WritesSpec): Promise<void> {
  const {record, stop, ports} = context;
  const writes = measurement.writesOf(check);
  if (writes === undefined) {
    record.event({
      type: 'noted',
      level: 'warning',
      text: `What \`${check.load}\` has written is not known: it did not end.`,
    });
    return;
  }
  const ids = new WrittenIds(writes, {before: measurement.storedBefore.get(check.name) ?? [], id: check.stored.id});
  const phaseAt = phasesOf(context);
  const compared: ComparedWrites[] = [];
  while (!isSettled(compared) && compared.length < MOST_LISTS) {
    if (compared.length > 0) await ports.clock.sleep(check.stored.againMs, stop.signal);
    const listing = await measurement.list(check, 'after', stop.signal);
    if (!('entries' in listing)) return;
    compared.push(ids.compare(listing.entries, phaseAt));
  }
  const [first, last] = [compared[0], compared.at(-1)];
  if (first === undefined || last === undefined) return;
  record.event({
    type: 'writes.compared',
    check: check.name,
    lists: compared.length,
    settled: isSettled(compared),
    late: Math.max(0, first.lost.count - last.lost.count),
    writes: last,
  });
}

/** Whether another list would say the same, as far as can be told. */
function isSettled(compared: readonly ComparedWrites[]): boolean {
  const [before, last] = [compared.at(-2), compared.at(-1)];
  if (last === undefined) return false;
  const underWay = last.nameless + last.failed - last.unacknowledged.count;
  if (last.lost.count + underWay === 0) return true;
  const counts = ({lost, doubled, unacknowledged}: ComparedWrites) =>
    [lost.count, doubled.count, unacknowledged.count].join(' ');
  return before !== undefined && counts(before) === counts(last);
}

/** In which phase of the run so far a moment (mono µs) lies. */
function phasesOf({recorded}: RunContext): (us: number) => string {
  const entered = recorded.flatMap(event => (event.type === 'phase.entered' ? [event] : []));
  return us => entered.findLast(({at}) => at.mono <= us)?.phase ?? 'prepare';
}
