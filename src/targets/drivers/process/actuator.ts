import {systemClock} from '../../../system/clock.js';
import {isAlive, machineId} from '../../../system/processes.js';
import type {Actuator, Ambient, Fence} from '../../contract.js';
import type {Reads} from '../../settling/standing.js';
import {localActuator} from '../local-actuator.js';
import {openLocalMarks} from '../local-marks.js';
import {identityFrom} from './objects.js';
import {perform, VERSION} from './operations.js';
import {readProof} from './proofs.js';
import {resourceValue} from './resource-operations.js';

export function processActuator(fence: Fence, ambient: Ambient): Actuator {
  const clock = systemClock();
  const reads: Reads = {
    exists: async (ref, lifetime) => {
      if (lifetime === 'object') return true;
      const who = identityFrom(ref.incarnation);
      return who !== undefined && (await isAlive(who));
    },
    value: undo => Promise.resolve(resourceValue(undo)),
    prove: op => readProof(op, ambient, clock),
  };
  return localActuator({
    driver: `process@${VERSION}`,
    endpoint: machineId(),
    fence,
    clock,
    marks: openLocalMarks(ambient.stateDir, 'process'),
    reads: () => reads,
    perform: (op, {budgetMs}) => perform(op, ambient, budgetMs),
  });
}
