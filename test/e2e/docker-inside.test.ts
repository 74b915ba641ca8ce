import {expect} from 'chai';
import {fault as partition} from '../../src/faults/network-partition/index.js';
import type {JsonObject} from '../../src/quantities/json.js';
import type {Change, Debt} from '../../src/targets/contract.js';
import {inspectContainer, type ContainerView} from '../../src/targets/drivers/docker/engine/container.js';
import {openEngine, type Engine} from '../../src/targets/drivers/docker/engine/engine.js';
import {entranceTo} from '../../src/targets/drivers/docker/entrance/run.js';
import {DockerBench, patience} from '../support/docker-bench.js';
import {docker, runContainer, uniqueName, type RunningContainer} from '../support/docker.js';
import {importHelper} from '../support/helper-image.js';
import {describeWith} from '../support/needs.js';
import {until} from '../support/processes.js';
import {rulesIn} from '../support/talk.js';
import {watchLateness} from '../support/lateness.js';

describeWith('docker', 'Entering the network namespace of containers', () => {
  const late = watchLateness();
  describe('on a real engine', function () {
    const network = uniqueName('inside');
    let image: string;
    let a: RunningContainer;
    let b: RunningContainer;

    before(async () => {
      image = await importHelper();
      await docker('network', 'create', network);
      const start = () =>
        runContainer({name: uniqueName('inside'), command: ['sleep', '900'], args: ['--network', network]});
      [a, b] = [await start(), await start()];
    });

    after(async () => {
      await Promise.all([a.remove(), b.remove()]);
      await docker('network', 'rm', network);
    });

    const helpers = (of: RunningContainer) => docker('ps', '-aq', '--filter', `label=firedrill.helper=${of.id}`);
    // The engine takes a container that has ended away in its own time.
    const noHelper = (of: RunningContainer) =>
      until('its helper is removed', async () => (await helpers(of)) === '', 60_000);

    for (const way of ['nsenter', 'helper'] as const) {
      describe(`by ${way}`, () => {
        let engine: Engine;
        let views: readonly ContainerView[];

        before(async () => {
          engine = await openEngine({host: 'unix:///var/run/docker.sock', enter: way, helperImage: image});
          const found = await Promise.all([a, b].map(({id}) => inspectContainer(engine, id, patience())));
          views = found.filter(view => view !== 'gone');
        });

        after(() => engine.close());

        it('runs each job in its own namespace, keeps the outputs apart, and one that fails hurts no other', async () => {
          const address = 'ip -o -4 addr show scope global';
          const scripts = [address, 'echo out; echo err >&2; exit 3', "printf 'no end of line'", address];
          const jobs = scripts.map((script, nth) => ({place: views[nth % 2]!, script}));
          const ran = await entranceTo(engine).run(jobs, {signal: patience(60_000)});
          expect(ran.map(({code}) => code)).to.deep.equal([0, 3, 0, 0]);
          expect(ran[0]!.stdout).to.include(`${await a.ip()}/`);
          expect(ran[3]!.stdout).to.include(`${await b.ip()}/`);
          expect([ran[1]!.stdout.trim(), ran[1]!.stderr.trim()]).to.deep.equal(['out', 'err']);
          expect(ran[2]!.stdout).to.equal('no end of line');
        });

        it('says of a container that is not there why nothing was run', async () => {
          const gone = {id: 'f'.repeat(64), name: 'gone', pid: 999_999, startedAt: ''};
          const [ran] = await entranceTo(engine).run([{place: gone, script: 'echo x'}], {budgetMs: 20_000});
          expect(ran!.code).to.equal(undefined);
          expect(ran!.why).to.be.a('string');
        });

        it('does not wait for a change longer than its budget, and ends a read with its signal', async () => {
          const slow = [{place: views[0]!, script: 'sleep 4; echo done'}];
          const start = performance.now();
          const [ran] = await entranceTo(engine).run(slow, {budgetMs: 1_000});
          expect(ran!.code).to.equal(undefined);
          const error = await entranceTo(engine)
            .run(slow, {signal: AbortSignal.timeout(500)})
            .catch((e: unknown) => e);
          expect(error).to.have.property('name', 'TimeoutError');
          expect(performance.now() - start).to.be.lessThan(6_000 + late());
          await noHelper(a);
        });
      });
    }

    describe('a helper container that holds a partition', () => {
      let bench: DockerBench;

      before(() => {
        bench = new DockerBench({enter: 'helper', helperImage: image});
      });

      after(() => bench.close());

      async function put(change: Change): Promise<readonly Debt[]> {
        const actuator = await bench.actuator();
        const debts = bench.debts([change]);
        await actuator.mark(debts, 20_000);
        for (const op of [change.prepare!, change.flip]) {
          const [applied] = await actuator.apply([op], 60_000);
          expect(applied, applied?.why).to.include({state: 'done'});
        }
        return debts;
      }

      const settled = async (debts: readonly Debt[]) => (await bench.settle(debts, 60_000)).map(one => one.outcome);
      const draft = async () => (await bench.draft(partition, {name: a.name}))[0]!;

      it('is protected, serves the proof, is named as the keeper, and goes with the undo', async () => {
        const change = await draft();
        expect(change.keeper).to.equal('target');
        const debts = await put(change);
        const id = await helpers(a);
        expect(id).to.match(/^[0-9a-f]{12}$/);
        const [holder] = await bench.resolve({name: id});
        expect(holder!.protectedBy).to.be.a('string');
        expect((await bench.prove(change.proof)).state).to.equal('in-force');
        expect((await rulesIn(a)).length).to.be.greaterThan(2);
        expect(await settled(debts)).to.deep.equal(['undone']);
        expect(await rulesIn(a)).to.deep.equal([]);
        await noHelper(a);
      });

      it('leaves rules behind when it is killed, which are undone all the same', async () => {
        const change = await draft();
        const debts = await put(change);
        await docker('kill', '-s', 'KILL', await helpers(a));
        expect((await bench.prove(change.proof)).state).to.equal('in-force');
        expect(await settled(debts)).to.deep.equal(['undone']);
        expect(await rulesIn(a)).to.deep.equal([]);
      });

      it('removes its own rules and itself at its deadline', async () => {
        const drafted = await draft();
        const prepare = {...drafted.prepare!, args: {...drafted.prepare!.args, helperHoldMs: 4_000} as JsonObject};
        const debts = await put({...drafted, prepare});
        await noHelper(a);
        expect(await rulesIn(a)).to.deep.equal([]);
        expect((await bench.prove(drafted.proof)).state).to.equal('absent');
        expect(await settled(debts)).to.deep.equal(['already']);
      });

      it('is removed when the target was restarted or is gone', async () => {
        const target = await runContainer({
          name: uniqueName('inside'),
          command: ['sleep', '900'],
          args: ['--network', network],
        });
        const [change] = await bench.draft(partition, {name: target.name});
        const debts = await put(change!);
        await docker('restart', '-t', '0', target.name);
        expect((await settled(debts))[0]).to.be.oneOf(['gone', 'undone']);
        await noHelper(target);
        const [again] = await bench.draft(partition, {name: target.name});
        const more = await put(again!);
        await target.remove();
        expect((await settled(more))[0]).to.be.oneOf(['gone', 'undone']);
        await noHelper(target);
      });

      it('is refused by the plan where its image is missing, with what to do', async () => {
        const without = new DockerBench({enter: 'helper', helperImage: 'no-such-image:1'});
        const error = await without.draft(partition, {name: a.name}).catch((e: unknown) => e);
        await without.close();
        expect(error).to.have.property('code', 'CAPABILITY_MISSING');
        expect(error).to.have.property('message').that.includes('docker build');
      });
    });
  });
});
