import type {Clock} from '../../../system/clock.js';
import {describeError} from '../../../system/error.js';
import type {Candidate, Op, Proof, ProofAnswer} from '../../contract.js';
import type {ProxyView, ToxiproxyClient} from './client.js';
import {difference, find, VERSION, wantedIn} from './toxics.js';

export function candidateOf(client: ToxiproxyClient, proxy: ProxyView): Candidate {
  const {name, listen, upstream, enabled, toxics} = proxy;
  return {
    ref: {
      driver: 'toxiproxy',
      kind: 'connection',
      name,
      endpoint: client.endpoint,
      object: client.objectOf(name),
      // A restart of the server cannot be told; what it drops with its memory shows as absent.
      incarnation: `${listen} → ${upstream}`,
    },
    status: enabled ? 'listening' : 'disabled',
    details: {listen, upstream, toxics: toxics.map(toxic => toxic.name)},
  };
}

/**
 * Reads proofs, of the toxics of one run or of whichever has them. Toxiproxy counts nothing by toxic. Never throws but
 * for the signal.
 */
export async function proveAll(
  client: ToxiproxyClient,
  proofs: readonly Op[],
  {clock, run, signal}: {readonly clock: Clock; readonly run?: string; readonly signal?: AbortSignal},
): Promise<readonly Proof[]> {
  const answer = (op: Op, reading: ProofAnswer): Proof => ({ref: op.ref, exercised: null, at: clock.now(), ...reading});
  try {
    const proxies = await client.proxies(signal);
    return proofs.map(op => {
      const proxy = proxies.find(({name}) => client.objectOf(name) === op.ref.object);
      if (proxy === undefined) return answer(op, {state: 'absent', readings: {}, why: 'the server has no such proxy'});
      return answer(op, read(proxy, op, run));
    });
  } catch (error) {
    signal?.throwIfAborted();
    return proofs.map(op => answer(op, {state: 'unknown', readings: {}, why: describeError(error)}));
  }
}

function read(proxy: ProxyView, op: Op, run: string | undefined): ProofAnswer {
  if (op.v !== VERSION) return {state: 'unknown', readings: {}, why: `unknown proof \`${op.op}@${op.v}\``};
  const wanted = wantedIn(op);
  const there = wanted.flatMap(one => find(proxy, one, run) ?? []);
  const readings = {enabled: proxy.enabled, toxics: there.map(({name}) => name)};
  switch (op.op) {
    case 'proxy.disabled':
      return {state: proxy.enabled ? 'absent' : 'in-force', readings};
    case 'toxics.present':
      return {state: there.length > 0 ? 'in-force' : 'absent', readings};
    case 'toxics.match': {
      const why = wanted.map(one => mismatch(proxy, one, run)).find(one => one !== undefined);
      return why === undefined ? {state: 'in-force', readings} : {state: 'absent', readings, why};
    }
    default:
      return {state: 'unknown', readings: {}, why: `unknown proof \`${op.op}@${op.v}\``};
  }
}

function mismatch(proxy: ProxyView, wanted: Parameters<typeof find>[1], run: string | undefined): string | undefined {
  const there = find(proxy, wanted, run);
  return there === undefined ? `no ${wanted.type} toxic of a run is there` : difference(there, wanted);
}
