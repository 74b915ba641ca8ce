import {expect} from 'chai';
import {describeWith} from '../support/needs.js';
import {bundleRunner, CrashLab, removeBundle, type Step} from './crash-lab.js';
import {CASES} from './stages/index.js';
import type {CrashCase} from './stages/stage.js';

let cases = 0;

/** A whole run must end well; its record says at how many steps one can die. */
async function stepsOf(runner: string, one: CrashCase): Promise<readonly Step[]> {
  const stage = await one.open(one.entry);
  const lab = new CrashLab(runner, stage.yaml);
  try {
    const before = await stage.look();
    const ended = await lab.run({});
    expect(ended.err + ended.out, `whole run of ${one.entry}`).to.contain('"kind":"done"');
    expect(await stage.look()).to.deep.equal(before);
    return lab.steps();
  } finally {
    lab.dispose();
    await stage.close();
  }
}

/** The steps at which something is owed: before and after them there is nothing that `recover` could do. */
function owing(steps: readonly Step[]): readonly Step[] {
  const first = steps.findIndex(step => step.type === 'debts.owed');
  const last = steps.findLastIndex(step => step.type === 'debts.settled');
  return steps.slice(first, last + 1);
}

/** Dies at one step, lets the guardian (or `recover`) work, and looks whether the target is as it was. */
async function dieAt(runner: string, one: CrashCase, step: number, kill: 'runner' | 'both'): Promise<void> {
  const label = `${one.driver} ${one.entry}: ${kill} killed at step ${step}`;
  const stage = await one.open(one.entry);
  const lab = new CrashLab(runner, stage.yaml);
  try {
    const before = await stage.look();
    const ended = await lab.run({dieAt: step, kill});
    expect(ended.signal, `${label}: ${ended.err}`).to.equal('SIGKILL');
    if (kill === 'runner') await lab.guardianIsDone();
    else expect(await lab.recover(), `${label}: owed after recover`).to.equal(0);
    expect(await stage.look(), label).to.deep.equal(before);
    cases++;
  } finally {
    lab.dispose();
    await stage.close();
  }
}

/** So many cases at a time: they mostly wait. */
const AT_ONCE = 8;

async function inParallel(work: readonly (() => Promise<void>)[]): Promise<void> {
  const queue = [...work];
  const failures: unknown[] = [];
  const worker = async () => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift())
      await next().catch((error: unknown) => failures.push(error));
  };
  await Promise.all(Array.from({length: AT_ONCE}, worker));
  if (failures.length > 0) throw failures[0] as Error;
}

for (const driver of ['docker', 'process', 'proxy', 'toxiproxy'] as const) {
  describeWith(driver === 'docker' ? 'docker' : 'linux', `kill -9 at every step of a run, ${driver}`, function () {
    let runner = '';
    before(() => (runner = bundleRunner()));
    after(() => {
      removeBundle();
      console.log(`      ${cases} crashes so far`);
    });
    for (const one of CASES.filter(candidate => candidate.driver === driver)) {
      it(`puts ${one.entry} back, by the guardian or by recover`, async () => {
        const steps = await stepsOf(runner, one);
        await inParallel([
          ...steps.map(
            ({nth}) =>
              () =>
                dieAt(runner, one, nth, 'runner'),
          ),
          ...owing(steps).map(
            ({nth}) =>
              () =>
                dieAt(runner, one, nth, 'both'),
          ),
        ]);
      }).timeout(600_000);
    }
  });
}
