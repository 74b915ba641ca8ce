import type {Experiment} from '../../experiment/experiment.js';
import {countsOnLoad} from '../../experiment/load-reference.js';
import type {NoValue} from '../../signals/missing.js';
import {failsAlready} from '../../verdict/checks.js';
import type {RunContext} from '../context.js';
import type {Measurement} from './measure.js';

type DeclaredChecks = Experiment['expect']['checks'];

/** Whether no other run of the same file would read it either: its program is missing, or it is asked wrongly. */
function staysSo({missing}: NoValue): boolean {
  return missing.reason === 'unstarted' || missing.reason === 'question';
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
      const detail = `check "${check.name}" has no value before the injection: ${reading.why}`;
      context.stop.pull({kind: staysSo(reading) ? 'refused' : 'not-steady', detail});
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
export function checkBeforeLoad(context: RunContext, measurement: Measurement, {expect}: Experiment): Promise<void> {
  return readBefore(context, measurement, expect.checks.filter(countsOnLoad));
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

/** Reads all checks after the run; those that compare with what a load counted once its last request has ended. */
export async function checkAfter(context: RunContext, measurement: Measurement, {expect}: Experiment): Promise<void> {
  const counting = expect.checks.filter(countsOnLoad);
  for (const check of expect.checks.filter(check => !countsOnLoad(check))) {
    if (context.stop.why() !== undefined) return;
    await measurement.check(check, 'after', context.stop.signal);
  }
  if (counting.length > 0 && context.stop.why() === undefined) await measurement.drain();
  for (const check of counting) {
    if (context.stop.why() !== undefined) return;
    await measurement.check(check, 'after', context.stop.signal);
  }
}
