import {mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {expect} from 'chai';
import type {Diagnosis} from '../../src/targets/diagnosis.js';
import {ensureBuilt, firedrill} from '../support/cli.js';
import {describeWith} from '../support/needs.js';

let root = '';
let environment: Record<string, string> = {};

/** What `doctor` found, by what it looked at. */
async function diagnosed(more: Readonly<Record<string, string>> = {}, args: readonly string[] = []) {
  const ended = await firedrill(['doctor', '--json', ...args], {...environment, ...more});
  const found = JSON.parse(ended.stdout) as readonly Diagnosis[];
  return {ended, found: new Map(found.map(one => [one.what, one]))};
}

describe('The doctor', function () {
  before(() => ensureBuilt());
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'firedrill-doctor-'));
    environment = {FIREDRILL_STATE: join(root, 'state'), FIREDRILL_POLICY: '', FIREDRILL_CONFIG: ''};
  });
  afterEach(() => rmSync(root, {recursive: true, force: true}));

  it('says what is there, and leaves nothing behind', async () => {
    const {ended, found} = await diagnosed({}, ['--runs-dir', join(root, 'runs')]);
    expect(ended.code, ended.stderr).to.equal(0);
    expect(readdirSync(root)).to.deep.equal([]);
    expect(found.get('state directory'))
      .to.include({state: 'works'})
      .and.to.have.property('found')
      .that.includes('nothing is owed');
    expect(found.get('folder of the runs')).to.deep.include({state: 'works', found: join(root, 'runs')});
    expect([...found.keys()]).to.include.members([
      'Node',
      'rights',
      'stress-ng',
      'Docker engine',
      'kubeconfig',
      'policy',
    ]);
  });

  it('says what to do where no engine answers, where nothing can be written and where a file of the machine is wrong', async () => {
    writeFileSync(join(root, 'file'), '');
    writeFileSync(join(root, 'policy.yaml'), 'version: 2\n');
    const {ended, found} = await diagnosed(
      {DOCKER_HOST: `unix://${root}/none`, FIREDRILL_POLICY: join(root, 'policy.yaml'), KUBECONFIG: join(root, 'none')},
      ['--runs-dir', join(root, 'file', 'runs')],
    );
    expect(ended.code, ended.stderr).to.equal(0);
    expect(found.get('Docker engine')?.state).to.equal('missing');
    expect(found.get('Docker engine')?.advice).to.include('DOCKER_HOST');
    expect(found.get('folder of the runs')).to.include({
      state: 'missing',
      advice: 'Give `run` another one: --runs-dir PATH',
    });
    expect(found.get('policy')?.state).to.equal('missing');
    expect(found.get('kubeconfig')?.advice).to.include('KUBECONFIG');
  });

  it('ends with 6 where something may be owed', async () => {
    const run = join(root, 'state', 'runs', '20260101-120000-abcd');
    mkdirSync(run, {recursive: true, mode: 0o700});
    writeFileSync(join(run, 'ledger.ndjson'), 'what nobody can read\n', {mode: 0o600});
    const {ended, found} = await diagnosed();
    expect(ended.code).to.equal(6);
    expect(found.get('state directory')).to.include({state: 'missing', advice: 'Put it back: firedrill recover'});
    expect(found.get('state directory')?.found).to.include('20260101-120000-abcd');
  });

  it('speaks to people in lines that fit', async () => {
    const {stdout} = await firedrill(['doctor'], {...environment, COLUMNS: '60', DOCKER_HOST: `unix://${root}/none`});
    expect(stdout)
      .to.match(/^✔ Node: v\d+/m)
      .and.to.match(/^✘ Docker engine: /m);
    expect(stdout).to.match(/^ {4}\S/m);
  });
});

describeWith('docker', 'The doctor beside a Docker engine', function () {
  before(() => ensureBuilt());

  it('tries what its kernel can do to packets', async () => {
    const {found} = await diagnosed();
    expect(found.get('Docker engine')?.found).to.match(/^\S+ at .*, cgroup v[12]$/);
    expect(found.get('way into containers')).to.include({state: 'works'});
    expect(found.get('packet filter')?.found).to.match(/^iptables \((nft|legacy|plain)\), IPv4/);
    expect(found.get('traffic control')?.state).to.be.oneOf(['works', 'limited']);
  });
});
