import {systemClock} from '../../../system/clock.js';
import {FiredrillError} from '../../../system/error.js';
import type {Actuator, Applied, Debt, Fence, Marked, Op, Settled} from '../../contract.js';
import {applyAll} from './apply.js';
import {IN_FLIGHT, type Engine} from './engine.js';
import {groupsBy, mapInFlight} from './in-flight.js';
import type {MarkVolume} from './mark-volumes.js';
import {Marks} from './marks.js';
import {operationNamed} from './operations/index.js';
import {settleDebt} from './settle.js';
import {settleTogether} from './settle-together.js';

const REQUEST_BUDGET_MS = 10_000;
const TIDY_BUDGET_MS = 3_000;
/** Marks are removed after the undos; some of the budget has to be left for it. */
const RELEASE_FLOOR_MS = 3_000;

function deadline(budgetMs: number): () => number {
  const end = performance.now() + budgetMs;
  // Whole milliseconds: AbortSignal.timeout takes no others.
  return () => Math.floor(end - performance.now());
}

class DockerActuator implements Actuator {
  private readonly marks: Marks;
  private readonly clock = systemClock();
  private askedToStop = false;

  constructor(
    private readonly engine: Engine,
    private readonly fence: Fence,
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
    return await this.marks.mark(this.fence.run, debts, deadline(budgetMs));
  }

  apply(ops: readonly Op[], budgetMs: number): Promise<readonly Applied[]> {
    return applyAll({engine: this.engine, fence: this.fence, left: deadline(budgetMs)}, ops);
  }

  async renew(debts: readonly Debt[], budgetMs: number): Promise<void> {
    if (!this.fence.live() || debts.length === 0) return;
    const left = deadline(budgetMs);
    await this.marks.renew(this.fence.run, debts, left);
    for (const [name, group] of groupsBy(debts, ({undo, lease}) => `${lease.ms} ${undo.op}`)) {
      const ops = group.map(({undo}) => undo);
      const operation = operationNamed(name.slice(name.indexOf(' ') + 1));
      const ms = group[0]?.lease.ms ?? 0;
      await operation?.renew?.(this.engine, ops, ms, {budgetMs: left(), run: this.fence.run});
    }
  }

  async settle(debts: readonly Debt[], budgetMs: number): Promise<readonly Settled[]> {
    const left = deadline(budgetMs);
    const settled = new Map<string, Settled>();
    // Several debts on one container are undone one after the other, in the order given.
    const groups = groupsBy(debts, debt => debt.undo.ref.object);
    const marks = await this.presentMarks(left());
    const ours = debts.filter(debt => holderInstead(marks, debt) === undefined);
    const together = await settleTogether(this.engine, this.fence, ours, left);
    for (const [id, answer] of together) settled.set(id, {...answer, at: this.clock.now()});
    await mapInFlight(groups, IN_FLIGHT, async ([, group]) => {
      for (const debt of group.filter(({id}) => !together.has(id))) {
        const by = holderInstead(marks, debt);
        const answer: Settled =
          by === undefined
            ? await settleDebt(this.engine, this.fence, debt, left)
            : {
                debt: debt.id,
                outcome: 'already',
                detail: `it was never marked, so never acted on; run ${by} holds the target`,
              };
        settled.set(debt.id, {...answer, at: this.clock.now()});
      }
    });
    const done = debts.filter(debt => !isOwed(settled.get(debt.id)));
    const stuck = await this.marks.release(done, () => Math.max(left(), RELEASE_FLOOR_MS));
    return debts.map(debt => {
      const why = stuck.get(debt.id);
      const manual = `docker volume rm (those of \`docker volume ls --filter label=firedrill.run=${debt.run}\`)`;
      if (why !== undefined) return {debt: debt.id, outcome: 'failed', why: `it is undone, but ${why}`, manual};
      return (
        settled.get(debt.id) ?? {debt: debt.id, outcome: 'unknown', why: 'not looked at', manual: debt.undo.manual}
      );
    });
  }

  /** Undoing comes first: marks that cannot be read hide a debt from nobody. */
  private async presentMarks(budgetMs: number): Promise<readonly MarkVolume[]> {
    try {
      return (await this.marks.read(undefined, AbortSignal.timeout(Math.max(1, Math.min(budgetMs, 5_000))))).marks;
    } catch {
      return [];
    }
  }

  async forget(debts: readonly Debt[]): Promise<void> {
    const stuck = [...(await this.marks.release(debts, deadline(REQUEST_BUDGET_MS))).values()];
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
      // Whoever asked a run to stop must not take the request away again; everyone else tidies behind a run that owes nothing.
      if (!this.askedToStop && this.fence.live()) await this.marks.tidy(this.fence.run, deadline(TIDY_BUDGET_MS));
    } catch {
      // A request that stays behind is found by its label; closing must not fail for it.
    }
    await this.engine.close();
  }
}

/** The run that holds the target while this debt has no mark there: what the target shows then is that run's fault. */
function holderInstead(marks: readonly MarkVolume[], debt: Debt): string | undefined {
  const there = marks.filter(mark => mark.objects.has(debt.undo.ref.object));
  if (there.some(mark => mark.run === debt.run)) return undefined;
  return there[0]?.run;
}

function isOwed(settled: Settled | undefined): boolean {
  return settled === undefined || settled.outcome === 'failed' || settled.outcome === 'unknown';
}

export function dockerActuator(engine: Engine, fence: Fence): Actuator {
  return new DockerActuator(engine, fence);
}
