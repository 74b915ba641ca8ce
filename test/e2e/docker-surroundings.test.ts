import {expect} from 'chai';
import type {Event} from '../../src/record/events.js';
import {runForReal} from '../support/docker-run.js';
import {docker, importBusybox, removeAll, runContainer, uniqueName} from '../support/docker.js';
import {describeWith} from '../support/needs.js';

type Seen = Extract<Event, {type: 'surroundings.seen'}>;

describeWith('docker', 'What is around containers', () => {
  const prefix = uniqueName('around');
  const network = `${prefix}-net`;
  const named = (name: string) => `${prefix}-${name}`;

  before(async () => {
    await importBusybox();
    await docker('network', 'create', network);
  });
  after(() => removeAll(prefix));

  const start = (name: string, command: string, ...args: readonly string[]) =>
    runContainer({name: named(name), command: ['sh', '-c', command], args: ['--network', network, '--init', ...args]});

  const serve = 'httpd -f -p 5432 -h /tmp';
  const connect = (to: string) => `while true; do sleep 600 | nc ${named(to)} 5432; sleep 0.2; done`;

  const experiment = (target: string, fault: string) => `version: 1
title: neighbours
targets: {it: {docker: {name: ${named(target)}}}}
steadyState:
  fine: {command: {run: [echo, "1"], every: 200ms}, tolerance: {equals: 1}}
windows: {warmup: 0s, baseline: 3s, recovery: 7s}
safety: {maxTargets: 1, maxShare: 100%}
faults: [${fault}]
`;
  const seenIn = (events: readonly Event[]): readonly Seen[] =>
    events.filter((event): event is Seen => event.type === 'surroundings.seen');

  it('sees connections in both directions by name, who does the same, and what befell the neighbours', async () => {
    await start('db', serve);
    await start('app', connect('db'));
    await start('app2', connect('db'));
    const bystander = await start('bystander', 'sleep 600');
    const yaml = experiment('db', '{name: freeze, pause: {}, targets: [it], for: 5s}');
    const {events, result} = await runForReal(
      yaml,
      event => {
        if (event.type === 'change.confirmed') void docker('kill', bystander.id);
      },
      {measured: true},
    );
    const seen = seenIn(events);
    expect(seen.map(({when}) => when)).to.deep.equal(['before', 'during', 'after']);
    const [before, during, after] = seen;
    expect(before?.targets[0]?.peers, JSON.stringify(before)).to.deep.include({
      name: named('app'),
      kind: 'container',
      way: 'from',
      port: 5432,
      connections: 1,
    });
    expect(during?.targets[0]?.instances).to.deep.equal([{name: named('db'), serving: false}]);
    expect(after?.targets[0]?.instances).to.deep.equal([{name: named('db'), serving: true}]);
    const mishaps = seen.flatMap(one => one.mishaps);
    expect(mishaps.map(({name, what, exitCode}) => [name, what, exitCode])).to.deep.equal([
      [named('bystander'), 'ended', 137],
    ]);
    const finding = result.findings.find(({code}) => code === 'collateral-mishap');
    expect(finding?.what).to.match(
      /-bystander, which no fault of this file is on, ended \(exit code 137\) .* after the first/,
    );
    expect(result.exit, JSON.stringify(result.findings)).to.equal(0);
  }).timeout(60_000);

  it('tells of the last instance that was left to serve, and of a target that ended by something else', async () => {
    await removeAll(`${prefix}-a`);
    await start('db', serve).catch(() => undefined);
    const app = await start('app', connect('db'));
    await start('app2', connect('db'));
    const paused = await runForReal(experiment('app', '{name: freeze, pause: {}, targets: [it], for: 5s}'), undefined, {
      measured: true,
    });
    const lucky = paused.result.findings.find(({code}) => code === 'last-instance');
    expect(lucky?.what, JSON.stringify(paused.result.findings)).to.include(
      `${named('app2')} was the last of 2 instances`,
    );
    expect(paused.result.lessons.lucky.join()).to.include('the last of 2 instances');
    expect(paused.result.findings.map(({code}) => code)).not.to.include('collateral-mishap');

    const fault = '{name: cut, network-disconnect: {}, targets: [it], for: 5s}';
    const {result} = await runForReal(
      experiment('app', fault),
      event => {
        if (event.type === 'change.confirmed') void docker('kill', app.id).then(() => docker('start', app.id));
      },
      {measured: true},
    );
    const ended = result.findings.find(({code}) => code === 'ended-unasked');
    expect(ended?.what, JSON.stringify(result.findings)).to.match(/beyond what the faults themselves do, ended/);
  }).timeout(120_000);
});
