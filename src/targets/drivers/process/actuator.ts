import {systemClock} from '../../../system/clock.js';
import {isAlive, machineId} from '../../../system/processes.js';
import type {Actuator, Ambient, Fence} from '../../contract.js';
import {applyLocally, markLocally} from '../local-actuator.js';
import {openLocalMarks} from '../local-marks.js';
import {settleDebt, type SettlingWorld} from '../settling.js';
import {identityFrom} from './objects.js';
import {perform, VERSION} from './operations.js';
import {readProof} from './proofs.js';
import {resourceValue} from './resource-operations.js';

export function processActuator(fence: Fence, ambient: Ambient): Actuator {
  const clock = systemClock();
  const marks = openLocalMarks(ambient.stateDir, 'process');
  const world: SettlingWorld = {
    driver: `process@${VERSION}`,
    endpoint: machineId(),
    fence,
    clock,
    exists: async (ref, lifetime) => {
      if (lifetime === 'object') return true;
      const who = identityFrom(ref.incarnation);
      return who !== undefined && (await isAlive(who));
    },
    value: undo => Promise.resolve(resourceValue(undo)),
    prove: op => readProof(op, ambient, clock),
    carryOut: (op, budgetMs) => perform(op, ambient, budgetMs),
    heldByOther: debt => marks.heldByOther(debt),
    unmark: debt => marks.unmark(debt),
  };
  return {
    endpoint: world.endpoint,
    mark: debts => Promise.all(debts.map(debt => markLocally(marks, fence, debt))),
    apply: (ops, budgetMs) => Promise.all(ops.map(op => applyLocally(fence, op, () => perform(op, ambient, budgetMs)))),
    renew: async debts => {
      if (fence.live()) await Promise.all(debts.map(debt => marks.renew(debt)));
    },
    settle: (debts, budgetMs) => Promise.all(debts.map(debt => settleDebt(world, debt, budgetMs))),
    forget: async debts => {
      for (const debt of debts) await marks.unmark(debt);
    },
    requestStop: run => marks.requestStop(run),
    close: () => Promise.resolve(),
  };
}
