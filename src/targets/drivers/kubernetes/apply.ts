import {describeError} from '../../../system/error.js';
import type {Applied, Op} from '../../contract.js';
import type {Cluster} from './api/cluster.js';
import {requestFailureIn} from './api/failure.js';
import {FLIPS} from './mechanisms/index.js';
import {Refusal} from './mechanisms/operation.js';
import {OPS_VERSION} from './ops.js';
import type {WriteTerms} from './marks/marks.js';

/** Carries out one operation. Never rejects. */
export async function applyOne(cluster: Cluster, endpoint: string, op: Op, terms: WriteTerms): Promise<Applied> {
  const {fence} = terms;
  try {
    if (!fence.live()) throw new Refusal(`run ${fence.run} was taken over by someone else`);
    if (op.ref.endpoint !== endpoint) throw new Refusal(`it is meant for another cluster (${op.ref.endpoint})`);
    if (op.v !== OPS_VERSION) throw new Refusal(`\`${op.op}\` of version ${op.v} is not known here`);
    const flip = FLIPS.get(op.op);
    if (flip === undefined) throw new Refusal(`the driver has no operation \`${op.op}\``);
    await flip(cluster, op, terms);
    return {op, state: 'done'};
  } catch (error) {
    if (error instanceof Refusal) return {op, state: 'refused', why: error.message};
    const failure = requestFailureIn(error);
    const answered = failure !== undefined && failure.status >= 400 && failure.status < 500;
    return {op, state: answered ? 'refused' : 'unknown', why: describeError(error)};
  }
}
