import type {JsonObject} from '../quantities/json.js';
import {describeError} from '../system/error.js';
import type {ProbeContext, ProbeSource, Reading} from './contract.js';

/**
 * Opens a probe, reads it once and closes it; for checks and for the plan. A probe that throws or answers with several
 * series is a reading with the reason. @throws the signal's reason when it aborts, FiredrillError when the probe cannot be set up.
 */
export async function readOnce(
  source: ProbeSource,
  parameters: JsonObject,
  context: ProbeContext,
  signal: AbortSignal,
): Promise<Reading> {
  signal.throwIfAborted();
  const probe = await source.open(parameters, context);
  try {
    const readings = await probe.read(signal);
    const [reading] = readings;
    if (reading === undefined) return {value: null, why: 'the probe read nothing'};
    if (readings.length > 1) return {value: null, why: `expected one number; the probe read ${readings.length} series`};
    if (reading.value !== null && !Number.isFinite(reading.value))
      return {value: null, why: `the probe read ${reading.value}`};
    return reading;
  } catch (error) {
    signal.throwIfAborted();
    return {value: null, why: describeError(error)};
  } finally {
    await probe.close();
  }
}
