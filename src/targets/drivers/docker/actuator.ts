import {countdown} from '../../../system/clock.js';
import {FiredrillError} from '../../../system/error.js';
import type {Actuator, Applied, Debt, Fence, Marked, Op, Settled} from '../../contract.js';
import {settleAll} from '../../settling/settle.js';
import {applyAll} from './apply.js';
import type {Engine} from './engine/engine.js';
import {groupsBy} from '../../../system/in-flight.js';
import {Marks} from './marks/marks.js';
import {operationNamed} from './mechanisms/index.js';
import {settlingPort} from './settling-port.js';

const REQUEST_BUDGET_MS = 10_000;
const TIDY_BUDGET_MS = 3_000;

class DockerActuator implements Actuator {
  readonly marks: Marks;
  private askedToStop = false;

  constructor(
    readonly engine: Engine,
    readonly fence: Fence,
  ) {
    this.marks = new Marks(engine);
  }

  get endpoint(): string {
    return this.engine.id;
  }

  async mark(debts: readonly Debt[], budgetMs: number): Promise<readonly Marked[]> {
    if (!this.fence.live()) {
      return debts.map(({id}) => ({debt: id, state: 'failed', why: 'another process has taken this run over'}));
    }
    return await this.marks.mark(this.fence.run, debts, countdown(this.engine.clock, budgetMs));
  }

  apply(ops: readonly Op[], budgetMs: number): Promise<readonly Applied[]> {
    return applyAll({engine: this.engine, fence: this.fence, left: countdown(this.engine.clock, budgetMs)}, ops);
  }

  async renew(debts: readonly Debt[], budgetMs: number): Promise<void> {
    if (!this.fence.live() || debts.length === 0) return;
    const left = countdown(this.engine.clock, budgetMs);
    await this.marks.renew(this.fence.run, debts, left);
    for (const [name, group] of groupsBy(debts, ({undo, lease}) => `${lease.ms} ${undo.op}`)) {
      const ops = group.map(({undo}) => undo);
      const operation = operationNamed(name.slice(name.indexOf(' ') + 1));
      const ms = group[0]?.lease.ms ?? 0;
      await operation?.renew?.(this.engine, ops, ms, {budgetMs: left(), run: this.fence.run});
    }
  }

  settle(debts: readonly Debt[], budgetMs: number): Promise<readonly Settled[]> {
    return settleAll(settlingPort(this), debts, budgetMs);
  }

  async forget(debts: readonly Debt[]): Promise<void> {
    const stuck = [...(await this.marks.release(debts, countdown(this.engine.clock, REQUEST_BUDGET_MS))).values()];
    if (stuck.length > 0) throw new FiredrillError('UNDO_FAILED', stuck.join('; '));
  }

  async requestStop(run: string): Promise<void> {
    this.askedToStop = true;
    const why = await this.marks.requestStop(run, REQUEST_BUDGET_MS);
    if (why !== undefined) {
      throw new FiredrillError('DRIVER_UNREACHABLE', `expected to leave a request to stop run \`${run}\`; got: ${why}`);
    }
  }

  async close(): Promise<void> {
    try {
      // Whoever asked a run to stop must not take the request away again; everyone else tidies behind a run that owes
      // nothing.
      if (!this.askedToStop && this.fence.live())
        await this.marks.tidy(this.fence.run, countdown(this.engine.clock, TIDY_BUDGET_MS));
    } catch {
      // A request that stays behind is found by its label; closing must not fail for it.
    }
    await this.engine.close();
  }
}

export function dockerActuator(engine: Engine, fence: Fence): Actuator {
  return new DockerActuator(engine, fence);
}
