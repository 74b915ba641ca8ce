import type {Experiment} from '../../experiment/experiment.js';
import {countsOnLoad} from '../../experiment/load-reference.js';
import type {NoValue} from '../../signals/missing.js';
import {failsAlready} from '../../verdict/checks.js';
import type {RunContext} from '../context.js';
import type {Measurement} from './measure.js';
import {compareWrites} from './writes.js';

type DeclaredChecks = Experiment['expect']['checks'];

/**
 * Stops the run because of what could not be read before the injection. What no other run of the same file would read
 * either, because its program is missing or it is asked wrongly, is refused.
 */
function stopWithout(context: RunContext, {missing, why}: NoValue, what: string): void {
  const staysSo = missing.reason === 'unstarted' || missing.reason === 'question';
  context.stop.pull({kind: staysSo ? 'refused' : 'not-steady', detail: `${what}: ${why}`});
}

/**
 * Reads checks while nothing is broken. One without a value stops the run: what is missing now could not be compared
 * with anything afterwards, so breaking the target would be for nothing. So does one that fails already: afterwards
 * nobody could say that the fault did it.
 */
async function readBefore(context: RunContext, measurement: Measurement, checks: DeclaredChecks): Promise<void> {
  for (const check of checks) {
    if (context.stop.why() !== undefined) return;
    const reading = await measurement.check(check, 'before', context.stop.signal);
    if (reading.value === null) {
      stopWithout(context, reading, `check "${check.name}" has no value before the injection`);
      continue;
    }
    const fails = failsAlready(check, reading.value);
    if (fails === undefined) continue;
    const detail = `check "${check.name}" fails already before the injection: ${fails}`;
    context.stop.pull({kind: 'not-steady', detail});
  }
}

/**
 * Reads the checks that compare with what a load counted, before the first request: while requests are under way nobody
 * can say which of them the value contains already.
 */
export async function checkBeforeLoad(
  context: RunContext,
  measurement: Measurement,
  {expect}: Experiment,
): Promise<void> {
  await readBefore(context, measurement, expect.checks.filter(countsOnLoad));
  for (const check of expect.writes ?? []) {
    if (context.stop.why() !== undefined) return;
    const listing = await measurement.list(check, 'before', context.stop.signal);
    if ('entries' in listing) measurement.storedBefore.set(check.name, listing.entries);
    else stopWithout(context, listing, `what is stored could not be listed before the load ("${check.name}")`);
  }
}

/** Reads the other checks right before the injection. */
export function checkBeforeInjection(
  context: RunContext,
  measurement: Measurement,
  {expect}: Experiment,
): Promise<void> {
  return readBefore(
    context,
    measurement,
    expect.checks.filter(check => !countsOnLoad(check)),
  );
}

/**
 * Reads all checks after the run; those that compare with what a load counted, or with what it wrote, once its last
 * request has ended.
 */
export async function checkAfter(context: RunContext, measurement: Measurement, {expect}: Experiment): Promise<void> {
  const counting = expect.checks.filter(countsOnLoad);
  for (const check of expect.checks.filter(check => !countsOnLoad(check))) {
    if (context.stop.why() !== undefined) return;
    await measurement.check(check, 'after', context.stop.signal);
  }
  const {writes = []} = expect;
  if (counting.length + writes.length > 0 && context.stop.why() === undefined) await measurement.drain();
  for (const check of counting) {
    if (context.stop.why() !== undefined) return;
    await measurement.check(check, 'after', context.stop.signal);
  }
  for (const check of writes) {
    if (context.stop.why() !== undefined) return;
    await compareWrites(context, measurement, check);
  }
}
