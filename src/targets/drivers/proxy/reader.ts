import {FiredrillError} from '../../../system/error.js';
import type {Clock} from '../../../system/clock.js';
import type {Reader} from '../../contract.js';
import type {ProxyClient} from './client.js';
import {connectionDrafts, httpDrafts} from './drafts.js';
import {candidateOf, facetsOf, marksIn, proveAll} from './reading.js';

const OPEN_TO_ALL =
  'this proxy is of an earlier version and takes orders from anybody on this machine; start it again with this version';

/** Throws DRIVER_UNREACHABLE when no proxy answers. */
export async function openReader(client: ProxyClient, clock: Clock): Promise<Reader> {
  const {instance} = await client.state();
  return {
    endpoint: instance.endpoint,
    drafts: {connection: connectionDrafts(client), http: httpDrafts(client)},
    resolve: async (selector, signal) => {
      const state = await client.state(signal);
      return state.connections.filter(({name}) => name === selector['name']).map(one => candidateOf(state, one));
    },
    ask: ref =>
      Promise.reject(
        new FiredrillError('CAPABILITY_MISSING', `No command can be run in the proxied connection \`${ref.name}\`.`, {
          hint: 'Remove `where` from targets with `proxy`.',
        }),
      ),
    prove: (proofs, signal) => proveAll(client, proofs, clock, signal),
    facets: async (refs, signal) => {
      const {connections} = await client.state(signal);
      const named = connections.filter(({name}) => refs.some(ref => ref.object === name));
      return Object.fromEntries(named.map(connection => [connection.name, facetsOf(connection)]));
    },
    debts: async (run, signal) => marksIn(await client.state(signal), run).debts,
    unreadable: async signal => marksIn(await client.state(signal)).unreadable,
    stopRequested: async (run, signal) => (await client.state(signal)).stops.includes(run),
    problems: async signal => {
      const {instance, connections} = await client.state(signal);
      const open = instance.authenticated === true ? [] : [`${client.control}: ${OPEN_TO_ALL}`];
      const added = connections.flatMap(({name, toxics, mark}) =>
        mark === null ? toxics.map(({id}) => `${name}: the toxic \`${id}\` is in force already, added by hand`) : [],
      );
      return [...open, ...added];
    },
    close: () => Promise.resolve(),
  };
}
