import {describeError} from '../system/error.js';
import type {OpenProbe, Past} from './contract.js';
import {noValue} from './missing.js';
import {sampleOf, type SamplerOptions} from './sampling.js';

/** How long reading the past of one metric may take, ms. */
const WITHIN_MS = 60_000;

/**
 * Reads what a probe knows of the past into samples; a probe may know nothing of it. What cannot be read is one missing
 * sample.
 * @throws the signal's reason when it aborts.
 */
export async function readHistory(
  probe: OpenProbe,
  past: Past,
  onSample: SamplerOptions['onSample'],
  signal: AbortSignal,
): Promise<void> {
  if (probe.history === undefined) return;
  const fail = (why: string) => onSample(undefined, {t: past.fromUs, d: 0, ...noValue('between', why)});
  try {
    const readings = await probe.history(past, AbortSignal.any([signal, AbortSignal.timeout(WITHIN_MS)]));
    if (readings.length === 0) fail('nothing is known of that time');
    for (const reading of readings) onSample(reading.subject, sampleOf(reading, {t: past.fromUs, d: 0}));
  } catch (error) {
    signal.throwIfAborted();
    fail(describeError(error));
  }
}
