import {expect} from 'chai';
import {execFileSync} from 'node:child_process';
import type {Event} from '../../src/record/events.js';
import {docker, removeAll, runContainer} from '../support/docker.js';
import {runForReal, type RealRun} from '../support/docker-run.js';
import {describeWith} from '../support/needs.js';

/** Two containers of which one says that it is primary, in a file. */
describeWith('docker', 'whoever `where` is true of at the injection', () => {
  const group = `fd-where-${process.pid}`;
  const names = [`${group}-1`, `${group}-2`] as const;
  const label = {'dev.firedrill.where': group};
  const say = (name: string, role: string) =>
    execFileSync('docker', ['exec', name, 'sh', '-c', `echo ${role} > /tmp/role`]);

  const file = (more = '') => `version: 1
title: The primary is frozen twice
targets:
  primary:
    docker: { labels: { dev.firedrill.where: ${group} } }
    where: { command: [cat, /tmp/role], matches: "^primary" }
steadyState: { nothing: { command: { run: ["true"] }, judge: [] } , errors: { command: { run: [echo, "0"] }, tolerance: { below: 1 } } }
windows: { warmup: 100ms, baseline: 3s, recovery: 10s }
faults:
  - name: freeze
    pause: {}
    targets: [primary]
    for: 3s
    repeat: { every: 8s, times: 2 }
safety: { maxTargets: 2, maxShare: 100% }
${more}`;

  before(async () => {
    for (const name of names) await runContainer({name, labels: label});
  });
  beforeEach(() => {
    say(names[0], 'primary');
    say(names[1], 'replica');
  });
  after(() => removeAll(group));

  /** Once the first injection has been undone. */
  const afterFirst = (change: () => void) => {
    let done = false;
    return (event: Event) => {
      if (event.type !== 'debts.settled' || done) return;
      done = true;
      change();
    };
  };

  const detailOf = ({events}: RealRun) => {
    const end = events.findLast(({type}) => type === 'run.ended');
    return end?.type === 'run.ended' ? end.why.detail : undefined;
  };

  it('is hit, and is told in record and result', async () => {
    const swap = afterFirst(() => {
      say(names[0], 'replica');
      say(names[1], 'primary');
    });
    const {plan, result, events} = await runForReal(file(), swap);
    expect(plan.targets.get('primary')?.among?.map(({ref}) => ref.name)).to.have.members([...names]);
    const decided = events.flatMap(event => (event.type === 'targets.decided' ? [event.targets] : []));
    expect(decided.map(targets => targets.map(({name}) => name))).to.deep.equal([[names[0]], [names[1]]]);
    expect(result.occurrences.map(({targets}) => targets)).to.deep.equal([[names[0]], [names[1]]]);
    expect(result.occurrences.map(({inForce}) => inForce)).to.deep.equal(['yes', 'yes']);
    for (const name of names)
      expect(await docker('inspect', '--format', '{{.State.Status}}', name)).to.equal('running');
  });

  it('is approved as one of those that may be: the digest stays when another one is primary', async () => {
    const never = () => undefined;
    const first = await runForReal(file(), never);
    say(names[0], 'replica');
    say(names[1], 'primary');
    const second = await runForReal(file(), never);
    expect(second.plan.digest).to.equal(first.plan.digest);
    expect(second.result.occurrences.map(({targets}) => targets)).to.deep.equal([[names[1]], [names[1]]]);
  });

  it('is refused when it is nobody, or more than were agreed to', async () => {
    const nobody = await runForReal(
      file(),
      afterFirst(() => say(names[0], 'replica')),
    );
    expect(nobody.result.occurrences.map(({inForce}) => inForce)).to.deep.equal(['yes', 'no']);
    expect(nobody.result.exit).to.equal(5);
    expect(detailOf(nobody)).to.include('freeze#2: Target `primary`');
    say(names[0], 'primary');
    const all = file().replace('matches: "^primary" }', 'matches: "^primary" }\n    select: all');
    const both = await runForReal(
      all,
      afterFirst(() => say(names[1], 'primary')),
    );
    expect(detailOf(both)).to.include('is true of').and.include('now; the plan agreed to hit 1.');
  });

  it('counts as often as it may be another one', async () => {
    const refused = await runForReal(file().replace('maxTargets: 2', 'maxTargets: 1')).then(
      () => undefined,
      (error: unknown) => error,
    );
    expect(String(refused)).to.include('Expected at most 1 targets over all faults together');
  });
});
