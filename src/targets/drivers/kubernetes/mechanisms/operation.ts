import type {Debt, Fence, Op, ProofAnswer} from '../../../contract.js';
import type {Sent, Standing} from '../../../settling/port.js';
import type {Cluster} from '../api/cluster.js';
import {describeLocator, type WorkloadLocator} from '../api/identity.js';
import type {Workload} from '../api/workloads.js';
import {readMark, type WorkloadMark, type WriteTerms} from '../marks/marks.js';

/** Carries an operation out. Rejects with a `Refusal` where nothing was done. */
export type Flip = (cluster: Cluster, op: Op, terms: WriteTerms) => Promise<void>;

/** Why nothing was done. */
export class Refusal extends Error {}

/** Reads a proof. May reject. */
export type ClusterQuestion = (cluster: Cluster, op: Op, signal: AbortSignal) => Promise<ProofAnswer>;

/** How one kind of undo stands on the workload that carries its mark, and how it is carried out. */
export interface Undoing {
  standing(
    cluster: Cluster,
    debt: Debt,
    seen: {readonly workload: Workload; readonly signal: AbortSignal},
  ): Promise<Standing>;
  carryOut(cluster: Cluster, debt: Debt, terms: WriteTerms): Promise<Sent>;
}

/** What an operations file in a folder of a mechanism exports; the generator finds it. */
export interface Mechanism {
  readonly flips: Readonly<Record<string, Flip>>;
  readonly questions: Readonly<Record<string, ClusterQuestion>>;
  readonly undos: Readonly<Record<string, Undoing>>;
}

export const gone = (what: string): ProofAnswer => ({
  state: 'absent',
  readings: {},
  why: `${what} does not exist any more`,
});

/** The debt comes first: without it on the owner nothing is done. */
export function requireMark(workload: Workload | undefined, at: WorkloadLocator, fence: Fence): WorkloadMark {
  if (workload === undefined) throw new Refusal(`${describeLocator(at)} does not exist any more`);
  const mark = readMark(workload);
  if (mark?.run === fence.run && mark.epoch <= fence.epoch) return mark;
  const who = mark === undefined ? 'nobody owes anything on it' : `run ${mark.run}, epoch ${mark.epoch} owes on it`;
  throw new Refusal(`${describeLocator(at)} does not carry the mark of run ${fence.run}: ${who}`);
}

/** Where a mark stands, only what is on it is owed. Without one (someone stripped it) the values alone decide. */
export function owedByOther(workload: Workload, debt: Debt): string | undefined {
  const mark = readMark(workload);
  if (mark === undefined || (mark.run === debt.run && mark.debts.some(one => one.id === debt.id))) return undefined;
  return `${describeLocator(workload.at)} carries the mark of run ${mark.run}, and this debt is not on it`;
}
