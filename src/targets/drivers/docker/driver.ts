import type {DriverFolder} from '../../contract.js';
import {dockerActuator} from './actuator.js';
import {diagnoseDocker} from './diagnosis.js';
import {addressOf} from './engine/address.js';
import {openEngine} from './engine/engine.js';
import {VERSION} from './mechanisms/index.js';
import {dockerReader} from './reader.js';

/** Containers of a Docker engine, local or remote. The engine's own id is the endpoint, whatever the way to it. */
export const driver: DriverFolder = {
  name: 'docker',
  kinds: ['container'],
  reference: {title: 'docker', frame: ['shop-docker.base.yaml']},
  version: VERSION,
  address: (selector, ambient) => ({...addressOf(selector, ambient)}),
  diagnose: diagnoseDocker,
  reader: async (address, {stateDir, redact}) => dockerReader(await openEngine(address, redact), stateDir),
  actuator: async (address, fence, {redact}) => dockerActuator(await openEngine(address, redact), fence),
};
