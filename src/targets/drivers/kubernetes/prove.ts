import {describeError} from '../../../system/error.js';
import type {Op, Proof, ProofAnswer} from '../../contract.js';
import type {Cluster} from './api/cluster.js';
import {QUESTIONS} from './mechanisms/index.js';
import {OPS_VERSION} from './ops.js';

/** Reads one proof. Never rejects but with the signal's reason: what cannot be read is `unknown`. */
export async function readProof(cluster: Cluster, endpoint: string, op: Op, signal: AbortSignal): Promise<Proof> {
  const answer = await read(cluster, endpoint, op, signal).catch((error: unknown): ProofAnswer => {
    if (signal.aborted) throw signal.reason;
    return unknown(describeError(error));
  });
  return {ref: op.ref, exercised: null, at: cluster.clock.now(), ...answer};
}

const unknown = (why: string): ProofAnswer => ({state: 'unknown', readings: {}, why});

function read(cluster: Cluster, endpoint: string, op: Op, signal: AbortSignal): Promise<ProofAnswer> {
  const refuse = (why: string) => Promise.resolve(unknown(why));
  if (op.ref.endpoint !== endpoint) return refuse(`it is about another cluster (${op.ref.endpoint})`);
  if (op.v !== OPS_VERSION) return refuse(`\`${op.op}\` of version ${op.v} cannot be read by this version`);
  return QUESTIONS.get(op.op)?.(cluster, op, signal) ?? refuse(`the driver has no proof \`${op.op}\``);
}
