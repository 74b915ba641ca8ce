import {systemClock} from '../../../system/clock.js';
import {tokenFile, tokenFolder} from '../../../system/control-token.js';
import {FiredrillError} from '../../../system/error.js';
import type {JsonObject} from '../../../quantities/json.js';
import type {Ambient, DriverFolder} from '../../contract.js';
import {openActuator} from './actuator.js';
import {ProxyClient} from './client.js';
import {VERSION} from './drafts.js';
import {openReader} from './reader.js';

function clientFor(address: JsonObject, {environment, stateDir}: Ambient): ProxyClient {
  const control = address['control'];
  if (typeof control === 'string') {
    const folder = tokenFolder(environment, stateDir);
    return new ProxyClient(control, tokenFile(folder, control.replace(/^http:\/\//, '')));
  }
  throw new FiredrillError(
    'DRIVER_UNREACHABLE',
    `Expected the address of a proxy; got \`${JSON.stringify(address)}\`.`,
  );
}

/** TCP connections that go through a running `firedrill proxy`, reached by its control API. */
export const driver: DriverFolder = {
  name: 'proxy',
  kinds: ['connection'],
  reference: {title: 'proxy', frame: ['shop.base.yaml', 'shop-proxied.base.yaml']},
  version: VERSION,
  address: selector => ({control: selector['control'] ?? null}),
  reader: (address, ambient) => openReader(clientFor(address, ambient), systemClock()),
  actuator: (address, fence, ambient) =>
    openActuator({client: clientFor(address, ambient), fence, clock: systemClock()}),
};
