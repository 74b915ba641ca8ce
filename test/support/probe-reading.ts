import {expect} from 'chai';
import type {JsonObject} from '../../src/quantities/json.js';
import type {OpenProbe, ProbeContext, ProbeSource} from '../../src/signals/contract.js';
import type {Missing} from '../../src/signals/missing.js';
import {readWithin} from '../../src/signals/sampling.js';
import {systemClock} from '../../src/system/clock.js';

export const probeContext = (more: Partial<ProbeContext> = {}): ProbeContext => ({
  reveal: text => text,
  targets: {},
  sources: {},
  environment: process.env,
  ...more,
});

export function openProbe(source: ProbeSource, written: object, context = probeContext()): Promise<OpenProbe> {
  return source.open(source.parameters().parse(written) as JsonObject, context);
}

/** The value or the reason of the only reading. */
export async function readOnly(probe: OpenProbe, timeoutMs = 5000): Promise<number | string> {
  const [reading, ...others] = await probe.read(AbortSignal.timeout(timeoutMs));
  expect(others).to.be.empty;
  return reading!.value ?? ('why' in reading! ? reading.why : '');
}

/** Opens a probe, reads it once and closes it. */
export async function readProbe(
  source: ProbeSource,
  written: object,
  {timeoutMs, context}: {timeoutMs?: number; context?: ProbeContext} = {},
): Promise<number | string> {
  const probe = await openProbe(source, written, context);
  try {
    return await readOnly(probe, timeoutMs);
  } finally {
    await probe.close();
  }
}

/** Whose failure it is that a probe has no value, read as a run reads it. */
export async function missingFrom(
  source: ProbeSource,
  written: object,
  timeoutMs = 10_000,
): Promise<Missing | undefined> {
  const probe = await openProbe(source, written);
  try {
    const {answer, done} = readWithin(probe, timeoutMs, systemClock());
    const readings = await answer;
    await done;
    const all = 'missing' in readings ? [readings] : readings;
    return all.map(reading => ('missing' in reading ? reading.missing : undefined))[0];
  } finally {
    await probe.close();
  }
}
