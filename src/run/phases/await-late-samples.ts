import {pause} from '../stop-switch.js';
import type {RunContext} from '../context.js';
import type {Measurement} from './measure.js';

const LOOK_EVERY_MS = 100;

/**
 * What Prometheus scrapes comes late: waits until the probes that tell afterwards have told (or given up) everything
 * before this moment, mono µs; at most as long as their patience lasts, and not for a run that is stopped.
 */
export async function awaitLateSamples(context: RunContext, measurement: Measurement, toUs: number): Promise<void> {
  const {clock} = context.ports;
  while (!measurement.hasTold(toUs) && clock.mono() < toUs + measurement.latenessMs * 1000) {
    if (!(await pause(clock, LOOK_EVERY_MS, context.stop.signal))) return;
  }
}
