import type {JsonObject} from '../quantities/json.js';
import {describeError, FiredrillError} from '../system/error.js';
import type {ProbeContext, ProbeSource, Reading} from './contract.js';
import {noValue} from './missing.js';
import {PROBES} from './probes/registry.generated.js';

/** The probe source of that name. @throws FiredrillError PROBE_UNUSABLE. */
export async function loadSource(name: string): Promise<ProbeSource> {
  const load = PROBES[name];
  if (load === undefined) throw new FiredrillError('PROBE_UNUSABLE', `No probe \`${name}\` in this version.`);
  return load();
}

/** Loads what will measure while the targets are got ready. Who cannot be loaded is told when its probe is opened. */
export function loadAhead(sources: readonly string[]): void {
  for (const name of new Set(sources)) if (name in PROBES) void loadSource(name).catch(() => undefined);
}

/**
 * Opens a probe, reads it once and closes it; for checks and for the plan. A probe that throws or answers with several
 * series is a reading with the reason.
 * @throws the signal's reason when it aborts, FiredrillError when the probe cannot be set up.
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
    if (reading === undefined) return noValue('silent', 'the probe read nothing');
    if (readings.length > 1)
      return noValue('question', `expected one number; the probe read ${readings.length} series`);
    if (reading.value !== null && !Number.isFinite(reading.value))
      return noValue('silent', `the probe read ${reading.value}`);
    return reading;
  } catch (error) {
    signal.throwIfAborted();
    return noValue('bug', describeError(error));
  } finally {
    await probe.close();
  }
}
