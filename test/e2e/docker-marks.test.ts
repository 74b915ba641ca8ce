import {expect} from 'chai';
import {fault as pause} from '../../src/faults/pause/index.js';
import type {Change} from '../../src/targets/contract.js';
import {DockerBench} from '../support/docker-bench.js';
import {proxyEngine, type EngineProxy} from '../support/docker-proxy.js';
import {docker, runContainer, uniqueName, type RunningContainer} from '../support/docker.js';
import {describeWith} from '../support/needs.js';

const BUDGET_MS = 20_000;

describeWith('docker', 'Marks on a Docker engine', () => {
  const label = uniqueName('marks');
  let proxy: EngineProxy;
  let containers: readonly RunningContainer[];
  let benches: DockerBench[] = [];

  before(async () => {
    proxy = await proxyEngine();
    containers = await Promise.all(
      ['a', 'b', 'c'].map(end =>
        runContainer({name: `${label}${end}`, labels: {'dev.firedrill.marks': label}, command: ['sleep', '600']}),
      ),
    );
  });
  afterEach(async () => {
    proxy.calm();
    await Promise.all(benches.map(bench => bench.close()));
    benches = [];
  });
  after(async () => {
    await proxy.close();
    await Promise.all(containers.map(container => container.remove()));
  });

  function open(): DockerBench {
    const bench = new DockerBench({host: proxy.host});
    benches.push(bench);
    return bench;
  }

  const drafted = (bench: DockerBench): Promise<readonly Change[]> =>
    bench.draft(pause, {labels: {'dev.firedrill.marks': label}});
  const on = (id: string) => docker('volume', 'ls', '-q', '--filter', `label=firedrill.mark.${id}`);

  it('takes three requests for however many targets, and one more to take the mark away', async () => {
    const bench = open();
    const debts = bench.debts(await drafted(bench));
    expect(debts).to.have.length(3);
    const actuator = await bench.actuator();
    const before = proxy.seen.length;
    const marked = await actuator.mark(debts, BUDGET_MS);
    expect(marked.map(one => one.state)).to.deep.equal(['marked', 'marked', 'marked']);
    expect(proxy.seen.slice(before).map(line => line.replace(/\?.*/, ''))).to.deep.equal([
      'GET /volumes',
      'POST /volumes/create',
      'GET /volumes',
    ]);
    const [volume] = new Set(await Promise.all(containers.map(({id}) => on(id))));
    const labels = await docker('volume', 'inspect', '--format', '{{json .Labels}}', volume!);
    expect(labels, 'what a person would type').to.contain(`unpause ${label}a`);
    await actuator.settle(debts, BUDGET_MS);
    expect(proxy.seen.filter(line => line.startsWith('DELETE'))).to.have.length(1);
    expect(await Promise.all(containers.map(({id}) => on(id)))).to.deep.equal(['', '', '']);
  });

  it('keeps what is still owed marked when a part is settled', async () => {
    const bench = open();
    const changes = await drafted(bench);
    const {debts} = await bench.inject(changes);
    const [first, ...rest] = debts;
    expect((await bench.settle([first!]))[0]?.outcome).to.equal('undone');
    expect([...(await bench.owed())].sort()).to.deep.equal(rest.map(({id}) => id).sort());
    expect(await on(first!.undo.ref.object)).to.equal('');
    expect(await on(rest[0]!.undo.ref.object)).not.to.equal('');
    await Promise.all(rest.map(debt => bench.settle([debt])));
    // Two that settle at the same moment in two processes may each bring back what the other took away: never the other
    // way round.
    await bench.settle(debts);
    expect(await bench.owed()).to.deep.equal([]);
  });

  it('never gives a target to two runs that mark overlapping targets at the same time, and gives it to one', async () => {
    for (let round = 1; round <= 5; round += 1) {
      const runs = await Promise.all(
        [0, 1, 2, 3].map(async nth => {
          const bench = open();
          const changes = await drafted(bench);
          // Each wants two of the three; two want the same two.
          const debts = bench.debts(changes.filter((_, i) => i !== nth % 3));
          return {bench, debts, actuator: await bench.actuator()};
        }),
      );
      const answers = await Promise.all(runs.map(({actuator, debts}) => actuator.mark(debts, BUDGET_MS)));
      const holders = new Map<string, number>();
      answers.forEach((marked, run) =>
        marked.forEach(({state}, i) => {
          const object = runs[run]!.debts[i]!.undo.ref.object;
          if (state === 'marked') holders.set(object, (holders.get(object) ?? 0) + 1);
          else expect(state).to.equal('held');
        }),
      );
      expect([...holders.values()], 'runs that hold the same target').to.satisfy((all: number[]) =>
        all.every(one => one === 1),
      );
      expect(holders.size, 'targets that somebody got').to.be.greaterThan(0);
      const owed = await Promise.all(runs.map(({bench}) => bench.owed()));
      expect(owed.map(ids => ids.length)).to.deep.equal(
        answers.map(marked => marked.filter(({state}) => state === 'marked').length),
      );
      await Promise.all(
        runs.map(({actuator, debts}, run) =>
          actuator.settle(
            debts.filter((_, i) => answers[run]?.[i]?.state === 'marked'),
            BUDGET_MS,
          ),
        ),
      );
      expect(await Promise.all(containers.map(({id}) => on(id)))).to.deep.equal(['', '', '']);
    }
  });

  it('has withdrawn its mark when it answers that another run holds the target', async () => {
    const [one, two] = [open(), open()];
    const debts = one.debts(await drafted(one));
    await (await one.actuator()).mark(debts, BUDGET_MS);
    const [held] = await (await two.actuator()).mark(two.debts((await drafted(two)).slice(0, 1)), BUDGET_MS);
    expect(held).to.include({state: 'held', by: one.run});
    expect(await two.owed()).to.deep.equal([]);
    await one.settle(debts);
  });
});
