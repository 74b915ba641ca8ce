import {describeError} from '../../../system/error.js';
import type {Actuator, Applied, Debt, Fence, Marked, Op, Settled} from '../../contract.js';
import {type Cluster, type Deadline, deadlineIn} from './cluster.js';
import {flip} from './flips.js';
import type {WorkloadLocator} from './identity.js';
import {addToMark, readDebts, renewInMark, takeOffMark} from './marks.js';
import {markedArgs} from './ops.js';
import {settleOne} from './settle.js';
import {clearStop, leaveStop} from './stops.js';

/** How many requests chains are under way at once. */
const IN_FLIGHT = 4;
const STOP_MS = 10_000;

/** Changes the cluster, under the fence it was opened with. */
export class KubernetesActuator implements Actuator {
  constructor(
    private readonly cluster: Cluster,
    readonly endpoint: string,
    private readonly fence: Fence,
  ) {}

  async mark(debts: readonly Debt[], budgetMs: number): Promise<readonly Marked[]> {
    const deadline = deadlineIn(budgetMs);
    const answers = await few(byWorkload(debts), async group => {
      try {
        this.checkEndpoint(group.debts);
        return await addToMark(this.cluster, group.at, group.debts, {fence: this.fence, deadline});
      } catch (error) {
        return group.debts.map(({id}): Marked => ({debt: id, state: 'failed', why: describeError(error)}));
      }
    });
    const all = answers.flat();
    return debts.map(
      ({id}) =>
        all.find(answer => answer.debt === id) ?? {debt: id, state: 'failed', why: 'its undo names no workload'},
    );
  }

  apply(ops: readonly Op[], budgetMs: number): Promise<readonly Applied[]> {
    const deadline = deadlineIn(budgetMs);
    return few(ops, op => flip(this.cluster, this.endpoint, op, {fence: this.fence, deadline}));
  }

  async renew(debts: readonly Debt[], budgetMs: number): Promise<void> {
    const deadline = deadlineIn(budgetMs);
    await few(byWorkload(debts), group =>
      renewInMark(this.cluster, group.at, group.debts, {fence: this.fence, deadline}),
    );
  }

  async settle(debts: readonly Debt[], budgetMs: number): Promise<readonly Settled[]> {
    const deadline = deadlineIn(budgetMs);
    const {cluster, endpoint, fence} = this;
    const settled = await few(debts, debt => settleOne({cluster, endpoint, fence, deadline}, debt));
    if (settled.every(one => !('why' in one))) await this.forgetStop(deadline);
    return settled;
  }

  /** The run's last settlement takes a request to stop with it. A left-over request harms nobody: run ids are never used again. */
  private async forgetStop(deadline: Deadline): Promise<void> {
    try {
      const patience = AbortSignal.timeout(Math.max(1, Math.ceil(deadline.left())));
      const {debts} = await readDebts(this.cluster, this.endpoint, this.fence.run, patience);
      if (debts.length === 0) await clearStop(this.cluster, this.fence.run, deadline);
    } catch {
      return;
    }
  }

  async forget(debts: readonly Debt[]): Promise<void> {
    const deadline = deadlineIn(STOP_MS);
    await few(debts, debt => takeOffMark(this.cluster, markedArgs().parse(debt.undo.args).on, debt, deadline));
  }

  requestStop(run: string): Promise<void> {
    return leaveStop(this.cluster, run, deadlineIn(STOP_MS));
  }

  close(): Promise<void> {
    this.cluster.close();
    return Promise.resolve();
  }

  private checkEndpoint(debts: readonly Debt[]): void {
    const other = debts.find(debt => debt.undo.ref.endpoint !== this.endpoint);
    if (other !== undefined)
      throw new Error(`debt ${other.id} belongs to another cluster (${other.undo.ref.endpoint})`);
  }
}

interface Group {
  readonly at: WorkloadLocator;
  readonly debts: readonly Debt[];
}

/** Debts of one workload share one mark: they are written together. */
function byWorkload(debts: readonly Debt[]): readonly Group[] {
  const groups = new Map<string, {at: WorkloadLocator; debts: Debt[]}>();
  for (const debt of debts) {
    const args = markedArgs().safeParse(debt.undo.args);
    if (!args.success) continue;
    const {on} = args.data;
    const group = groups.get(on.uid) ?? {at: on, debts: []};
    group.debts.push(debt);
    groups.set(on.uid, group);
  }
  return [...groups.values()];
}

/** Works on all items, a few at a time; answers in their order. */
async function few<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<readonly R[]> {
  const answers: R[] = [];
  const queue = items.entries();
  const worker = async () => {
    for (const [i, item] of queue) answers[i] = await work(item);
  };
  await Promise.all(Array.from({length: Math.min(IN_FLIGHT, items.length)}, worker));
  return answers;
}
