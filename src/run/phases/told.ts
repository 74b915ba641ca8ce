import {pause} from '../stop-switch.js';
import type {House} from './house.js';
import type {Measurement} from './measure.js';

const LOOK_EVERY_MS = 100;

/**
 * What Prometheus scrapes comes late: waits until the probes that tell afterwards have told (or given up) everything before this moment, mono µs; at most
 * as long as their patience lasts, and not for a run that is stopped.
 */
export async function awaitTold(house: House, measurement: Measurement, toUs: number): Promise<void> {
  const {clock} = house.ports;
  while (!measurement.hasTold(toUs) && clock.mono() < toUs + measurement.latenessMs * 1000) {
    if (!(await pause(clock, LOOK_EVERY_MS, house.stop.signal))) return;
  }
}
