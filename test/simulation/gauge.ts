import type {Driver, Reader, TargetRef} from '../../src/targets/contract.js';
import type {VirtualTime} from './sim-machine.js';

/** What the gauge shows at its nth reading, from 0, and whether something in the world is paused then. */
export type Figures = (nth: number, paused: boolean) => number;

const REF: TargetRef = {
  driver: 'docker',
  kind: 'container',
  name: 'gauge',
  endpoint: 'gauges',
  object: 'gauge',
  incarnation: 'first',
};

/**
 * A container that is only looked at: its memory is whatever the simulation says, so that a run in virtual time has
 * something to measure.
 */
export function gaugeDriver(time: VirtualTime, show: () => number): Driver {
  const reader: Reader = {
    endpoint: REF.endpoint,
    drafts: {},
    resolve: () => Promise.resolve([{ref: REF, status: 'running', details: {}}]),
    ask: () => Promise.resolve(''),
    prove: ops =>
      Promise.resolve(
        ops.map(({ref}) => ({
          ref,
          state: 'in-force' as const,
          exercised: null,
          readings: {memory: show()},
          at: time.now(),
        })),
      ),
    facets: () => Promise.resolve({}),
    debts: () => Promise.resolve([]),
    unreadable: () => Promise.resolve([]),
    stopRequested: () => Promise.resolve(false),
    problems: () => Promise.resolve([]),
    close: () => Promise.resolve(),
  };
  return {
    name: 'docker',
    version: 1,
    address: () => ({}),
    reader: () => Promise.resolve(reader),
    actuator: () => Promise.reject(new Error('a gauge is only looked at')),
  };
}
