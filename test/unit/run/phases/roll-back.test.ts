import {expect} from 'chai';
import type {Actuator, Applied} from '../../../../src/targets/contract.js';
import {faultSpec, simExperiment, startRun} from '../../../simulation/sim-run.js';
import {SimMachine} from '../../../simulation/sim-machine.js';

/** A machine whose changes the driver answers in its own way, and that can undo nothing. */
function machineThat(answers: Omit<Applied, 'op'>): SimMachine {
  const machine = new SimMachine();
  machine.world.add('a');
  const portsOf = machine.ports.bind(machine);
  const changed = (actuator: Actuator): Actuator => ({
    ...actuator,
    apply: ops => Promise.resolve(ops.map(op => ({op, ...answers}))),
    settle: debts =>
      Promise.resolve(debts.map(({id}) => ({debt: id, outcome: 'failed', why: 'it is elsewhere', manual: ''}))),
  });
  machine.ports = client => {
    const ports = portsOf(client);
    return {
      ...ports,
      driver: async name => {
        const driver = await ports.driver(name);
        return {...driver, actuator: async (...given) => changed(await driver.actuator(...given))};
      },
    };
  };
  return machine;
}

async function run(machine: SimMachine) {
  const simulated = startRun(machine, simExperiment([faultSpec('freeze', 'pause')]));
  await machine.time.run(() => simulated.outcome !== undefined || simulated.failed !== undefined, 600_000);
  expect(simulated.failed).to.equal(undefined);
  return simulated.outcome;
}

describe('A change that was refused', () => {
  it('owes nothing when it was not sent, and leaves no mark, also where nothing could be undone', async () => {
    const machine = machineThat({state: 'refused', why: 'it is on another engine', sent: false});
    const outcome = await run(machine);
    expect(outcome?.ended.detail).to.include('it is on another engine');
    expect(outcome?.owed).to.deep.equal([]);
    expect(machine.world.debts()).to.deep.equal([]);
  });

  it('is owed as before when something of it may have been done', async () => {
    const machine = machineThat({state: 'refused', why: 'half of it failed'});
    const outcome = await run(machine);
    expect(outcome?.owed).to.have.length(1);
    expect(machine.world.debts()).to.have.length(1);
  });
});
