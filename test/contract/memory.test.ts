import {memoryDriver} from '../support/memory-driver/driver.js';
import {createMemoryWorld, type MemoryWorld} from '../support/memory-driver/world.js';
import {systemClock} from '../../src/system/clock.js';
import type {Ambient, Driver} from '../../src/targets/contract.js';
import {describeDriver, type Stage} from './driver-contract.js';
import {openSecrets} from '../../src/system/secrets.js';

const ambient: Ambient = {environment: {}, scratch: '/nowhere', stateDir: '/nowhere', ...openSecrets({})};

/** The contract takes one driver; the world behind it is new for every test. */
let world: MemoryWorld;
const current = (): Driver => memoryDriver(world, 'contract');
const driver: Driver = {
  name: 'memory',
  version: 1,
  address: (selector, given) => current().address(selector, given),
  reader: (address, given) => current().reader(address, given),
  actuator: (address, fence, given) => current().actuator(address, fence, given),
};

const soon = (happen: () => void) => (): Promise<void> => {
  happen();
  return Promise.resolve();
};

describeDriver('memory', {
  driver,
  open: (): Promise<Stage> => {
    const opened = createMemoryWorld({clock: systemClock()});
    opened.add('a', {cpus: 2});
    opened.add('bystander');
    world = opened;
    return Promise.resolve({
      ambient,
      selector: {name: 'a'},
      missing: {name: 'nobody'},
      vanish: soon(() => opened.vanish('a')),
      restart: soon(() => opened.restart('a')),
      close: () => Promise.resolve(),
    });
  },
  cases: [
    {name: 'pause', draft: (can, ref) => can.lifecycle!.pause(ref)},
    {
      name: 'cpu-throttle',
      draft: (can, ref) => can.resources!.cpuThrottle(ref, {cpus: 0.1}),
      overwrite: soon(() => world.setCpus('a', 4)),
    },
    {
      name: 'kill',
      nature: 'event',
      draft: (can, ref) => can.lifecycle!.kill(ref, {signal: 'KILL', heal: 'undo'}),
      restarted: ['already'],
    },
  ],
});
