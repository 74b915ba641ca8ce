import {countdown, signalWithin, type Left} from '../../../system/clock.js';
import {describeError} from '../../../system/error.js';
import {mapInFlight} from '../../../system/in-flight.js';
import type {Actuator, Applied, Debt, Fence, Marked, Op, Settled} from '../../contract.js';
import {settleAll} from '../../settling/settle.js';
import {type Cluster, IN_FLIGHT} from './api/cluster.js';
import {applyOne} from './apply.js';
import type {WorkloadLocator} from './api/identity.js';
import {addToMark, readDebts, renewInMark, takeOffMark} from './marks/marks.js';
import {markedArgs} from './ops.js';
import {settlingPort} from './settling-port.js';
import {clearStop, leaveStop} from './marks/stops.js';

const STOP_MS = 10_000;

/** Changes the cluster, under the fence it was opened with. */
export class KubernetesActuator implements Actuator {
  constructor(
    readonly cluster: Cluster,
    readonly endpoint: string,
    readonly fence: Fence,
  ) {}

  async mark(debts: readonly Debt[], budgetMs: number): Promise<readonly Marked[]> {
    const left = countdown(this.cluster.clock, budgetMs);
    const answers = await mapInFlight(byWorkload(debts), IN_FLIGHT, async group => {
      try {
        this.checkEndpoint(group.debts);
        return await addToMark(this.cluster, group.at, group.debts, {fence: this.fence, left});
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
    const left = countdown(this.cluster.clock, budgetMs);
    return mapInFlight(ops, IN_FLIGHT, op => applyOne(this.cluster, this.endpoint, op, {fence: this.fence, left}));
  }

  async renew(debts: readonly Debt[], budgetMs: number): Promise<void> {
    const left = countdown(this.cluster.clock, budgetMs);
    await mapInFlight(byWorkload(debts), IN_FLIGHT, group =>
      renewInMark(this.cluster, group.at, group.debts, {fence: this.fence, left}),
    );
  }

  async settle(debts: readonly Debt[], budgetMs: number): Promise<readonly Settled[]> {
    const left = countdown(this.cluster.clock, budgetMs);
    const settled = await settleAll(settlingPort(this), debts, budgetMs);
    if (settled.every(one => !('why' in one))) await this.forgetStop(left);
    return settled;
  }

  /**
   * The run's last settlement takes a request to stop with it. A left-over request harms nobody: run ids are never used
   * again.
   */
  private async forgetStop(left: Left): Promise<void> {
    try {
      const patience = signalWithin(left());
      const {debts} = await readDebts(this.cluster, this.endpoint, this.fence.run, patience);
      if (debts.length === 0) await clearStop(this.cluster, this.fence.run, left);
    } catch {
      return;
    }
  }

  async forget(debts: readonly Debt[]): Promise<void> {
    const left = countdown(this.cluster.clock, STOP_MS);
    await mapInFlight(debts, IN_FLIGHT, debt =>
      takeOffMark(this.cluster, markedArgs().parse(debt.undo.args).on, debt, left),
    );
  }

  requestStop(run: string): Promise<void> {
    return leaveStop(this.cluster, run, countdown(this.cluster.clock, STOP_MS));
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
