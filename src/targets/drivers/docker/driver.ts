import type {Driver} from '../../contract.js';
import {dockerActuator} from './actuator.js';
import {addressOf} from './address.js';
import {openEngine} from './engine.js';
import {VERSION} from './operations/index.js';
import {dockerReader} from './reader.js';

/** Containers of a Docker engine, local or remote. The engine's own id is the endpoint, whatever the way to it. */
export const driver: Driver = {
  name: 'docker',
  version: VERSION,
  address: (selector, ambient) => ({...addressOf(selector, ambient)}),
  reader: async (address, {stateDir}) => dockerReader(await openEngine(address), stateDir),
  actuator: async (address, fence) => dockerActuator(await openEngine(address), fence),
};
