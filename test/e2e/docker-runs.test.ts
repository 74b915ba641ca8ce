import {randomUUID} from 'node:crypto';
import {writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {expect} from 'chai';
import {Chalk} from 'chalk';
import {planLines} from '../../src/terminal/plan-printer.js';
import type {Result} from '../../src/verdict/result.js';
import {ensureBuilt, firedrill} from '../support/cli.js';
import {containerExperiment, runForReal} from '../support/docker-run.js';
import {proxyEngine, type EngineProxy} from '../support/docker-proxy.js';
import {docker, removeAll, runContainer, uniqueName} from '../support/docker.js';
import {describeWith} from '../support/needs.js';
import {scratchFolder} from '../support/shop.js';

const MANY = 60;
/** Requests to the engine for each container: plan, look, pause, undo, proofs and leak check together. */
const MOST_CALLS = 5;

describeWith('docker', 'A run over several containers', () => {
  const label = uniqueName('runs');
  let proxy: EngineProxy;

  before(async () => {
    proxy = await proxyEngine();
  });
  afterEach(async () => {
    proxy.calm();
    await removeAll(label);
  });
  after(() => proxy.close());

  /** Containers that end at once when they are restarted. */
  async function start(count: number): Promise<readonly string[]> {
    const ids: string[] = [];
    for (let at = 0; at < count; at += 4) {
      const batch = Array.from({length: Math.min(4, count - at)}, (_, i) => at + i);
      const started = await Promise.all(
        batch.map(nth =>
          runContainer({
            name: `${label}-${nth}`,
            labels: {'dev.firedrill.run': label},
            command: ['sleep', '600'],
            args: ['--network', 'none', '--stop-signal', 'KILL'],
          }),
        ),
      );
      ids.push(...started.map(({id}) => id));
    }
    return ids;
  }

  const paused = async () => await docker('ps', '-q', '--filter', `name=^/?${label}`, '--filter', 'status=paused');
  const marksOn = (id: string) => docker('volume', 'ls', '-q', '--filter', `label=firedrill.mark.${id}`);

  it(`pauses ${MANY} containers together and lets them all go on, with a plan that fits a screen`, async () => {
    await start(MANY);
    const yaml = containerExperiment(label, '{name: freeze, pause: {}, targets: [all], for: 2s}', {
      host: proxy.host,
      targets: MANY,
    });
    const before = proxy.seen.length;
    const {plan, outcome, events, result} = await runForReal(yaml);
    expect(proxy.seen.length - before, proxy.seen.slice(before).join('\n')).to.be.at.most(MOST_CALLS * MANY);
    const lines = planLines(plan, new Chalk({level: 0}));
    expect(lines.length, lines.join('\n')).to.be.below(60);
    expect(lines.join('\n')).to.contain(`and ${MANY - 10} more`);
    expect([outcome.ended.kind, outcome.owed]).to.deep.equal(['done', []]);
    const confirmed = events.find(event => event.type === 'change.confirmed');
    expect(confirmed).to.have.property('proofs').with.length(MANY);
    const [freeze] = result.occurrences;
    expect(freeze?.windows.map(({ended}) => ended)).to.deep.equal(Array.from({length: MANY}, () => 'undone'));
    expect(Math.min(...(freeze?.windows ?? []).map(({seconds}) => seconds?.[0] ?? 0))).to.be.above(1.9);
    expect(freeze?.skewSeconds).to.be.below(5);
    expect(freeze?.undoSkewSeconds).to.be.below(10);
    expect(await paused()).to.equal('');
  }).timeout(600_000);

  it('pauses and undoes on an engine that has another id at each request, as Podman has, and says so in the plan', async () => {
    await start(2);
    proxy.disturb({path: /\/info$/, then: {do: 'change', fields: () => ({ID: randomUUID()})}});
    const yaml = containerExperiment(label, '{name: freeze, pause: {}, targets: [all], for: 1s}', {host: proxy.host});
    const {plan, outcome, result} = await runForReal(yaml);
    expect(plan.warnings.join('\n')).to.include('The engine gives another id at each request');
    expect([outcome.ended.kind, outcome.owed]).to.deep.equal(['done', []]);
    expect(result.occurrences[0]?.inForce).to.equal('yes');
    expect(await paused()).to.equal('');
  });

  it('draws among the replicas that are not paused, with every seed, and says who was left out in plan and report', async () => {
    ensureBuilt();
    const ids = await start(4);
    await docker('pause', ...ids.slice(1));
    using folder = scratchFolder();
    const file = join(folder.path, 'draw.yaml');
    const yaml = containerExperiment(label, '{name: freeze, pause: {}, targets: [all], for: 1s}');
    const leftOut = /takes no part in the draw of `all`: container `.*` is expected to run; it is `paused`/;
    let seed = 0;
    for (let isTold = false; !isTold; seed += 1) {
      writeFileSync(file, yaml.replace('select: all', `select: {count: 1, seed: ${seed}}`));
      const {code, stdout, stderr} = await firedrill(['plan', file, '--json'], {});
      expect(code, stderr).to.equal(0);
      const {targets, warnings} = JSON.parse(stdout) as {targets: {hit: {object: string}[]}[]; warnings: string[]};
      expect(targets[0]?.hit.map(({object}) => object)).to.deep.equal([ids[0]]);
      // Some seeds draw the one that runs at once.
      isTold = warnings.some(text => leftOut.test(text));
      expect(seed).to.be.below(30);
    }
    const {stdout} = await firedrill(['run', file, '--yes', '--json', '--quiet', '--runs-dir', folder.path], {});
    const {timeline, occurrences} = JSON.parse(stdout) as Result;
    expect(occurrences[0]?.inForce).to.equal('yes');
    expect(timeline.filter(({what}) => leftOut.test(what))).not.to.deep.equal([]);
    await docker('unpause', ...ids.slice(1));
  });

  it('rolls everything back when one of several targets refuses, and had marked and prepared all of them first', async () => {
    const [, , last] = await start(3);
    proxy.disturb({
      path: new RegExp(`${last!}/pause$`),
      then: {do: 'answer', status: 409, message: 'this one cannot be paused'},
    });
    const from = proxy.seen.length;
    const yaml = containerExperiment(label, '{name: freeze, pause: {}, targets: [all], for: 2s}', {host: proxy.host});
    const {outcome, events, result} = await runForReal(yaml);
    expect(outcome.ended.kind).to.equal('not-injected');
    expect(outcome.ended.detail).to.contain('this one cannot be paused');
    expect(outcome.owed).to.deep.equal([]);
    expect(await paused()).to.equal('');
    const seen = proxy.seen.slice(from);
    const mark = seen.findIndex(line => line.includes('/volumes/create'));
    const pauses = seen.flatMap((line, i) => (line.endsWith('/pause') ? [i] : []));
    expect(pauses).to.have.length(3);
    expect(mark).to.be.within(0, Math.min(...pauses));
    expect(events.some(event => event.type === 'change.confirmed')).to.equal(false);
    expect(result.exit).to.equal(5);
    expect(await marksOn(last!)).to.equal('');
  });

  it('applies a fault again that a restart took away where the file says keep, and reports it where it does not', async () => {
    const [one] = await start(1);
    for (const keep of [true, false]) {
      let restarted = false;
      const yaml = containerExperiment(label, `{name: freeze, pause: {}, targets: [all], for: 7s, keep: ${keep}}`);
      const {outcome, result} = await runForReal(yaml, event => {
        if (event.type !== 'change.confirmed' || restarted) return;
        restarted = true;
        void docker('restart', '-t', '0', one!);
      });
      expect(outcome.owed).to.deep.equal([]);
      const [freeze] = result.occurrences;
      expect(freeze?.windows.map(({ended}) => ended)).to.deep.equal(keep ? ['lost', 'undone'] : ['lost']);
      expect(freeze?.inForce).to.equal(keep ? 'yes' : 'lost');
      const finding = result.findings.find(({code}) => code === 'fault-lost');
      expect(finding?.what).to.match(/after T0 the proof found pause absent/);
      expect(await paused()).to.equal('');
    }
  });
});
