import {expect} from 'chai';
import {hireEarly} from '../../../src/commands/run/early-guardian.js';
import type {GuardianHandle} from '../../../src/run/safety/keep-alive.js';

function agency() {
  const told: string[] = [];
  const start = (_stateDir: string, run: string): Promise<GuardianHandle> => {
    const pid = told.filter(one => one.startsWith('start')).length + 1;
    told.push(`start ${pid} for ${run}`);
    const bye = () => Promise.resolve(void told.push(`bye ${pid}`));
    return Promise.resolve({pid, beat: () => undefined, bye, ended: new Promise<void>(() => undefined)});
  };
  return {told, start};
}

describe('the guardian that gets ready while the plan is made', () => {
  it('is started at once and is the first that is asked for; the next is another one', async () => {
    const {told, start} = agency();
    const guardian = hireEarly(start, '/state', 'r1');
    expect(told).to.deep.equal(['start 1 for r1']);
    expect((await guardian.start('/state', 'r1')).pid).to.equal(1);
    expect((await guardian.start('/state', 'r1')).pid).to.equal(2);
    await guardian.dismiss();
    expect(told).to.deep.equal(['start 1 for r1', 'start 2 for r1']);
  });

  it('is sent away where nobody has asked for it: the plan was refused', async () => {
    const {told, start} = agency();
    await hireEarly(start, '/state', 'r1').dismiss();
    expect(told).to.deep.equal(['start 1 for r1', 'bye 1']);
  });

  it('refuses the run, and not the plan, where it does not start', async () => {
    const failing = hireEarly(() => Promise.reject(new Error('no memory')), '/state', 'r1');
    await failing.start('/state', 'r1').then(
      () => expect.fail('it was there'),
      (error: unknown) => expect(error).to.include({message: 'no memory'}),
    );
    await hireEarly(() => Promise.reject(new Error('no memory')), '/state', 'r1').dismiss();
  });
});
