import {expect} from 'chai';
import {existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {fault as pause} from '../../src/faults/pause/index.js';
import type {JsonObject} from '../../src/quantities/json.js';
import {machineId} from '../../src/system/processes.js';
import type {Debt} from '../../src/targets/contract.js';
import {ensureBuilt, firedrill} from '../support/cli.js';
import {DockerBench, patience} from '../support/docker-bench.js';
import {docker, runContainer, uniqueName, type RunningContainer} from '../support/docker.js';
import {describeWith} from '../support/needs.js';

describeWith('docker', 'Forged marks on a Docker engine', () => {
  let container: RunningContainer;
  let bench: DockerBench;
  let folder: string;

  before(async () => {
    ensureBuilt();
    container = await runContainer({name: uniqueName('forged'), command: ['sleep', '600']});
  });
  beforeEach(() => {
    bench = new DockerBench();
    folder = mkdtempSync(join(tmpdir(), 'firedrill-forged-'));
  });
  afterEach(async () => {
    await bench.close();
    rmSync(folder, {recursive: true, force: true});
  });
  after(() => container.remove());

  const frozen = async () => (await docker('inspect', '--format', '{{.State.Paused}}', container.id)) === 'true';

  /** A volume as anybody makes it who reaches the engine; `bench.close` removes it by its label. */
  const forge = (debts: string) =>
    docker(
      'volume',
      'create',
      ...['--label', `firedrill.run=${bench.run}`, '--label', `firedrill.mark.${container.id}=x`],
      ...['--label', `firedrill.debts=${debts}`],
    );

  /** A debt as a run leaves it, in force. */
  const honest = async (): Promise<Debt> => {
    const {debts} = await bench.inject(await bench.draft(pause, {name: container.name}));
    return debts[0]!;
  };

  const undoing = (debt: Debt, op: string, args: JsonObject, proof: string): object => ({
    ...debt,
    id: `${debt.id}-${op}`,
    undo: {...debt.undo, op, args, proof: {...debt.undo.proof, op: proof, args}},
  });

  it('are unreadable one by one: no program, no shell, no path; the honest debt beside them is undone', async () => {
    const debt = await honest();
    const victim = join(folder, 'victim');
    mkdirSync(victim);
    writeFileSync(join(victim, 'precious'), 'x');
    const tag = '0123456789ab';
    const place = {inside: '/', kind: 'mount', root: victim, below: '/'};
    const words = `x; touch ${join(folder, 'owned')}`;
    const rules = {
      tag,
      backend: 'plain',
      families: [4],
      filter: {direction: 'both'},
      action: 'drop',
      silent: false,
      blocks: {4: ['10.0.0.1/32'], 6: []},
    };
    const slot = {device: 'eth0', way: 'egress', ifb: '', filters: 0, kind: 'netem', options: {}};
    const forged = [
      {...debt, driver: 'command@1'},
      undoing(debt, 'container.kill', {signal: 'KILL'}, 'is-paused'),
      undoing(debt, 'container.remove-fill', {machine: 'm', place, file: 'precious'}, 'has-fill'),
      undoing(debt, 'container.remove-fill-inside', {folder: '/etc', file: 'passwd'}, 'has-fill-inside'),
      undoing(debt, 'interposer.end', {folder: victim, tag, incarnation: 'i'}, 'interposer.is-left'),
      undoing(debt, 'partition.undo', {pid: 1, rules: {...rules, tag: words}}, 'is-cut-left'),
      undoing(debt, 'partition.undo', {pid: 1, rules: {...rules, blocks: {4: [words], 6: []}}}, 'is-cut-left'),
      undoing(debt, 'shaping.remove', {tag, slots: [{...slot, device: words}]}, 'is-shaping-left'),
      undoing(debt, 'container.limit-memory', {update: {Devices: []}, value: null}, 'is-limited-to-memory'),
      undoing(debt, 'network.attach', {network: '../containers/x', name: 'n', attachment: null}, 'is-detached'),
      {...debt, lease: null},
      {},
      null,
    ];
    for (const one of forged) await forge(JSON.stringify([one]));
    await forge('{');
    const reader = await bench.reader();
    expect(await reader.debts(bench.run, patience())).to.deep.equal([debt]);
    const told = (await reader.unreadable(patience())).filter(({run}) => run === bench.run);
    expect(told.map(({why}) => why)).to.have.length(forged.length + 1);
    expect(await bench.undo([debt])).to.deep.equal(['undone']);
    expect(await frozen()).to.equal(false);
    expect([existsSync(join(victim, 'precious')), existsSync(join(folder, 'owned'))]).to.deep.equal([true, false]);
  });

  it('that hold an honest debt beside junk are left for a person, and keep nobody from undoing it', async () => {
    const debt = await honest();
    const volume = await forge(JSON.stringify([debt, {junk: true}]));
    expect(await bench.undo([debt])).to.deep.equal(['undone']);
    expect(await frozen()).to.equal(false);
    const told = await (await bench.reader()).unreadable(patience());
    expect(told.map(({where}) => where)).to.include(`volume \`${volume}\``);
  });

  it('end `recover` with 6 and run nothing', async () => {
    const owned = join(folder, 'owned');
    const endpoint = machineId();
    const target = {driver: 'command', kind: 'host', name: 'h', endpoint, object: 'o', incarnation: endpoint};
    const touch = {run: ['touch', owned], shell: false, environment: {}, timeoutMs: 1_000};
    const args = {variables: {}, undo: touch, proof: touch};
    const instant = {mono: 1, wall: '2026-01-01T00:00:00.000Z', boot: 'b'};
    const debt = {
      id: 'x',
      run: bench.run,
      occurrence: 'x',
      epoch: 1,
      driver: 'command@1',
      address: {},
      undo: {
        op: 'command.undo',
        v: 1,
        ref: target,
        args,
        lifetime: 'object',
        proof: {op: 'command.in-force', v: 1, ref: target, args},
        manual: 'x',
      },
      lease: {ms: 1, hardStop: instant},
    };
    await forge(JSON.stringify([debt]));
    const state = join(folder, 'state');
    const ended = await firedrill(['recover', bench.run, '--docker', 'local'], {FIREDRILL_STATE: state});
    expect(ended.code).to.equal(6);
    expect(ended.stdout).to.contain('command@1');
    expect(existsSync(owned)).to.equal(false);
  });
});
