import {expect} from 'chai';
import {openLog, type OpenLog} from '../../src/signals/logs/open.js';
import type {ReadEvent} from '../../src/signals/logs/followed.js';
import {systemClock} from '../../src/system/clock.js';
import {docker, runContainer, uniqueName, type RunningContainer} from '../support/docker.js';
import {DockerBench} from '../support/docker-bench.js';
import {describeWith} from '../support/needs.js';
import {until} from '../support/processes.js';

describeWith('docker', 'the log of a container', () => {
  let bench: DockerBench;
  const made: RunningContainer[] = [];
  const open: OpenLog[] = [];
  before(() => {
    bench = new DockerBench();
  });
  after(async function () {
    this.timeout(60_000);
    for (const {sources} of open) for (const source of sources) await source.close();
    await Promise.all(made.map(container => container.remove()));
    await bench.close();
  });

  /** A container that writes what it is told by `docker exec`, as its first process would. */
  const follow = async (...args: readonly string[]) => {
    const container = await runContainer({name: uniqueName('logs'), command: ['sleep', '600'], args});
    made.push(container);
    const reader = await bench.reader();
    const refs = (await bench.resolve({name: container.name})).map(candidate => candidate.ref);
    const target = {refs, reader, address: {}, selector: {}};
    const events: ReadEvent[] = [];
    const followed = openLog(
      {name: 'log', place: {target: 'it'}},
      {clock: systemClock(), redact: text => text, targets: {it: target}, onEvent: event => events.push(event)},
    );
    open.push(followed);
    const write = (script: string) => docker('exec', container.name, 'sh', '-c', script);
    const lines = (count: number) => until(`${count} lines`, () => followed.log.counts.lines >= count);
    const texts = () => {
      followed.log.finish(() => true);
      return events.splice(0).map(({text}) => text);
    };
    return {container, write, lines, texts, log: followed.log};
  };

  it('has its standard output and its standard error, from now on, each put together by itself', async function () {
    this.timeout(60_000);
    const {write, lines, texts, log, container} = await follow();
    await until('it is followed', async () => {
      await write('echo begin > /proc/1/fd/1');
      return log.counts.lines > 0;
    });
    const begun = log.counts.lines;
    await write(
      'printf "out one\\nout " > /proc/1/fd/1; echo "ERROR from standard error" > /proc/1/fd/2; echo two > /proc/1/fd/1',
    );
    await lines(begun + 3);
    await write('dd if=/dev/zero bs=1024 count=1024 2>/dev/null | tr "\\0" x > /proc/1/fd/1; echo > /proc/1/fd/1');
    await lines(begun + 4);
    const all = texts().filter(text => text !== 'begin');
    expect(all.map(text => text.slice(0, 40)).sort()).to.deep.equal(
      ['ERROR from standard error', 'out one', 'out two', 'x'.repeat(40)].sort(),
    );
    expect(log.counts).to.deep.include({lines: begun + 4, errors: 1, unread: 0});
    // Nothing twice and nothing lost over a restart.
    await docker('restart', '-t', '0', container.id);
    await write('echo after the restart > /proc/1/fd/1');
    await until('the line behind the restart', () => log.counts.lines > begun + 4);
    expect(texts()).to.deep.equal(['after the restart']);
    await docker('kill', container.id);
    expect(log.why).to.equal(undefined);
  });

  it('with a terminal is read as it is written', async function () {
    this.timeout(60_000);
    const {write, texts, log} = await follow('--tty');
    await until('it is followed', async () => {
      await write('echo begin > /proc/1/fd/1');
      return log.counts.lines > 0;
    });
    const begun = log.counts.lines;
    await write('printf "\\033[31mERROR\\033[0m in red\\n" > /proc/1/fd/1');
    await until('the line', () => log.counts.lines > begun);
    expect(texts().filter(text => text !== 'begin')).to.deep.equal(['ERROR in red']);
    expect(log.counts.errors).to.equal(1);
  });

  it('that its driver does not keep is told', async function () {
    this.timeout(60_000);
    const {log} = await follow('--log-driver', 'none');
    await until('it says why', () => log.why !== undefined);
    expect(log.why?.why).to.match(/^the log of \S+: its log driver cannot be read/);
    expect(log.why?.missing).to.deep.equal({because: 'ours', reason: 'between'});
  });
});
