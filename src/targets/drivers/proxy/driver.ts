import {systemClock} from '../../../system/clock.js';
import {FiredrillError} from '../../../system/error.js';
import type {JsonObject} from '../../../quantities/json.js';
import type {Driver} from '../../contract.js';
import {openActuator} from './actuator.js';
import {ProxyClient} from './client.js';
import {VERSION} from './drafts.js';
import {openReader} from './reader.js';

function clientFor(address: JsonObject): ProxyClient {
  const control = address['control'];
  if (typeof control === 'string') return new ProxyClient(control);
  throw new FiredrillError(
    'DRIVER_UNREACHABLE',
    `Expected the address of a proxy; got \`${JSON.stringify(address)}\`.`,
  );
}

/** TCP connections that go through a running `firedrill proxy`, reached by its control API. */
export const driver: Driver = {
  name: 'proxy',
  version: VERSION,
  address: selector => ({control: selector['control'] ?? null}),
  reader: address => openReader(clientFor(address), systemClock()),
  actuator: (address, fence) => openActuator({client: clientFor(address), fence, clock: systemClock()}),
};
