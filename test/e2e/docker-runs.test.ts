import {expect} from 'chai';
import {Chalk} from 'chalk';
import {planLines} from '../../src/terminal/plan-printer.js';
import {containerExperiment, runForReal} from '../support/docker-run.js';
import {proxyEngine, type EngineProxy} from '../support/docker-proxy.js';
import {docker, removeAll, runContainer, uniqueName} from '../support/docker.js';
import {describeWith} from '../support/needs.js';

const MANY = 60;

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
    const yaml = containerExperiment(label, '{name: freeze, pause: {}, targets: [all], for: 2s}', {targets: MANY});
    const {plan, outcome, events, result} = await runForReal(yaml);
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
  }).timeout(180_000);

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
  }).timeout(60_000);

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
  }).timeout(60_000);
});
