import {systemClock} from '../../../system/clock.js';
import {FiredrillError} from '../../../system/error.js';
import type {JsonObject} from '../../../quantities/json.js';
import type {Ambient, DriverFolder, Reader} from '../../contract.js';
import {openLocalMarks} from '../local-marks.js';
import {openActuator} from './actuator.js';
import {ToxiproxyClient} from './client.js';
import {toxiproxyDrafts} from './drafts.js';
import {candidateOf, proveAll} from './reading.js';
import {facetsOf, runOf, VERSION} from './toxics.js';

function clientFor({url}: JsonObject): ToxiproxyClient {
  if (typeof url === 'string') return new ToxiproxyClient(url);
  throw new FiredrillError(
    'DRIVER_UNREACHABLE',
    `Expected the address of a Toxiproxy server; got ${JSON.stringify(url)}.`,
  );
}

/**
 * TCP connections that go through somebody's Toxiproxy server, reached by its HTTP API. It has no place for metadata
 * and no time to live: marks are kept on this machine, the guardian holds the deadline, and every toxic carries the run
 * in its name.
 */
export const driver: DriverFolder = {
  name: 'toxiproxy',
  kinds: ['connection'],
  reference: {title: 'toxiproxy', frame: ['shop.base.yaml', 'shop-toxiproxy.base.yaml']},
  version: VERSION,
  address: selector => ({url: selector['url'] ?? null}),
  reader: (address, ambient) => openReader(clientFor(address), ambient),
  actuator: (address, fence, ambient) =>
    Promise.resolve(
      openActuator({
        client: clientFor(address),
        fence,
        clock: systemClock(),
        marks: openLocalMarks(ambient.stateDir, 'toxiproxy'),
      }),
    ),
};

/** Throws DRIVER_UNREACHABLE when no server answers. */
async function openReader(client: ToxiproxyClient, ambient: Ambient): Promise<Reader> {
  await client.proxies();
  const clock = systemClock();
  const marks = openLocalMarks(ambient.stateDir, 'toxiproxy');
  return {
    endpoint: client.endpoint,
    drafts: {connection: toxiproxyDrafts(client)},
    resolve: async (selector, signal) =>
      (await client.proxies(signal)).filter(({name}) => name === selector['name']).map(one => candidateOf(client, one)),
    ask: ref =>
      Promise.reject(
        new FiredrillError('CAPABILITY_MISSING', `No command can be run in the proxied connection \`${ref.name}\`.`, {
          hint: 'Remove `where` from targets with `toxiproxy`.',
        }),
      ),
    prove: (proofs, signal) => proveAll(client, proofs, {clock, signal}),
    facets: async (refs, signal) => {
      const proxies = await client.proxies(signal);
      return Object.fromEntries(
        refs.flatMap(ref => {
          const proxy = proxies.find(({name}) => client.objectOf(name) === ref.object);
          return proxy === undefined ? [] : [[ref.object, facetsOf(proxy)]];
        }),
      );
    },
    debts: run => marks.debts(run),
    unreadable: () => marks.unreadable(),
    stopRequested: run => marks.stopRequested(run),
    problems: async signal =>
      (await client.proxies(signal)).flatMap(({name, toxics}) =>
        toxics.map(toxic => {
          const run = runOf(toxic);
          const by = run === undefined ? 'added by someone else' : `of run \`${run}\``;
          return `${name}: the toxic \`${toxic.name}\` is in force already, ${by}`;
        }),
      ),
    close: () => Promise.resolve(),
  };
}
