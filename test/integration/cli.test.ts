import {expect} from 'chai';
import {copyFileSync, mkdirSync, readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {ensureBuilt, firedrill, ROOT} from '../support/cli.js';
import {scratchFolder} from '../support/shop.js';

const FILE = 'experiments/process-freeze-inventory.yaml';
const COMMANDS = [
  'compare',
  'export',
  'findings',
  'findings resolve',
  'load',
  'plan',
  'proxy',
  'recover',
  'report',
  'run',
  'runs list',
  'runs show',
  'schema',
  'stop',
  'validate',
  'verify',
];

interface ErrorShape {
  readonly error: {readonly code: string; readonly exit: number; readonly hint?: string};
}

describe('command line', function () {
  before(() => ensureBuilt());

  it('answers --version with name, version, platform and Node version', async () => {
    const {code, stdout} = await firedrill(['--version']);
    expect([code, stdout]).to.deep.equal([
      0,
      `firedrill/0.1.0 ${process.platform}-${process.arch} node-${process.version}\n`,
    ]);
  });

  for (const command of COMMANDS) {
    it(`shows help and examples for \`${command}\``, async () => {
      const {code, stdout} = await firedrill([...command.split(' '), '--help']);
      expect(code).to.equal(0);
      expect(stdout).to.include('USAGE').and.to.include('EXAMPLES').and.to.include(`$ firedrill ${command}`);
    });
  }

  it('suggests the command or flag that was meant and ends with 2', async () => {
    const [command, flag] = await Promise.all([firedrill(['vaildate', FILE]), firedrill(['run', FILE, '--yess'])]);
    expect([command.code, flag.code]).to.deep.equal([2, 2]);
    expect(command.stderr).to.include('did you mean `validate`?');
    expect(flag.stderr).to.include('did you mean `--yes`?');
    expect(flag.stderr).not.to.match(/\n\s+at /);
  });

  it('ends with 2 and names what is missing when an argument is missing', async () => {
    const {code, stderr} = await firedrill(['run']);
    expect(code).to.equal(2);
    expect(stderr).to.include('file').and.to.include('firedrill run --help');
  });

  it('prints errors as data with --json, progress and errors for people on stderr', async () => {
    const {code, stdout} = await firedrill(['run', 'missing.yaml', '--json']);
    const {error} = JSON.parse(stdout) as ErrorShape;
    expect([code, error.code, error.exit]).to.deep.equal([2, 'FILE_UNREADABLE', 2]);
  });

  it('gives the same answers to validate with and without oclif', async () => {
    const [fast, slow] = await Promise.all([
      firedrill(['validate', FILE, '--json']),
      firedrill(['validate', '--json', '--', FILE]),
    ]);
    expect(fast.stdout).to.equal(slow.stdout);
    expect([fast.code, slow.code]).to.deep.equal([0, 0]);
  });

  it('shows all problems of a wrong file with line, column and carets, and ends with 2', async () => {
    using folder = scratchFolder();
    const file = join(folder.path, 'wrong.yaml');
    writeFileSync(file, 'version: 1\ntitle: x\ntargts: {}\nsteadyState: {}\nfaults: [{name: f, puase: {}, for: 20}]\n');
    const {code, stdout} = await firedrill(['validate', file]);
    expect(code).to.equal(2);
    expect(stdout)
      .to.match(/wrong\.yaml:3:1 /)
      .and.to.include('did you mean `targets`?')
      .and.to.include('^^^^^^');
    expect(stdout)
      .to.match(/wrong\.yaml:5:\d+ /)
      .and.to.include('did you mean `pause`?');
  });

  it('refuses files of certificates that are absent or hold none, where the file names them', async () => {
    using folder = scratchFolder();
    const file = join(folder.path, 'wrong.yaml');
    const absent = join(folder.path, 'absent.pem');
    const tls = `tls: { ca: ${absent}, cert: ${file}, key: ${file} }`;
    const load = `load: { a: { rate: 5/s, http: { url: "https://127.0.0.1/", ${tls} } } }`;
    const rest = 'faults: [{ name: f, pause: {}, targets: [t], for: 20s }]\ntargets: { t: { process: { port: 9 } } }';
    const metric = 'steadyState: { e: { load: { of: a, measure: errors.ratio }, tolerance: { below: 1% } } }';
    writeFileSync(file, `version: 1\ntitle: x\n${load}\n${metric}\n${rest}\n`);
    for (const command of ['validate', 'plan']) {
      const {code, stdout, stderr} = await firedrill([command, file]);
      expect(code).to.equal(2);
      expect(`${stdout}${stderr}`)
        .to.match(new RegExp(`wrong\\.yaml:3:\\d+ expected a file of certificate authorities \\(PEM\\) in .${absent}`))
        .and.to.match(/wrong\.yaml:3:\d+ expected a certificate \(PEM\) in/)
        .and.to.include('ENOENT')
        .and.to.include('2 problems');
    }
  });

  it('overrides declared variables with --var and refuses others', async () => {
    const good = await firedrill(['validate', FILE, '--var', 'inventoryTimeout=100']);
    const bad = await firedrill(['validate', FILE, '--var', 'inventoryTimout=100']);
    expect([good.code, bad.code]).to.deep.equal([0, 2]);
    expect(bad.stdout).to.include('inventoryTimeout');
  });

  it('prints the JSON Schema of experiment files', async () => {
    const {code, stdout} = await firedrill(['schema']);
    expect(code).to.equal(0);
    expect(JSON.parse(stdout)).to.include.keys('$schema');
  });

  it('plans processes that are not started yet by their command, with a digest, and touches nothing', async () => {
    const {code, stdout} = await firedrill(['plan', FILE]);
    expect(code).to.equal(0);
    expect(stdout).to.include('started and stopped by Firedrill: node demo/shop/inventory.js');
    expect(stdout).to.match(/Digest [0-9a-f]{16}-[0-9a-z]+/);
  });

  it('refuses what the policy forbids, and everything when the policy cannot be read', async () => {
    using folder = scratchFolder();
    const policy = join(folder.path, 'policy.yaml');
    writeFileSync(policy, 'version: 1\nmaxTargets: 1\n');
    const [forbidden, unread] = await Promise.all([
      firedrill(['run', FILE], {FIREDRILL_POLICY: policy}),
      firedrill(['run', FILE], {FIREDRILL_POLICY: `${policy}.missing`}),
    ]);
    expect([forbidden.code, unread.code]).to.deep.equal([3, 2]);
    expect(forbidden.stderr).to.include('POLICY_FORBIDS');
  });

  it('refuses to hit a foreign process without consent when nobody can be asked, and a digest of another plan', async () => {
    using folder = scratchFolder();
    const file = join(folder.path, 'host.yaml');
    const fault = '{name: f, command: {do: ["true"], undo: ["true"], proof: ["true"]}, for: 3s}';
    const metric = '{m: {tcp: {port: 1}, tolerance: {equals: 1}}}';
    writeFileSync(file, `version: 1\ntitle: x\nsteadyState: ${metric}\nfaults: [${fault}]\n`);
    const asked = await firedrill(['run', file, '--runs-dir', folder.path]);
    const approved = await firedrill(['run', file, '--runs-dir', folder.path, '--approved', '0123456789abcdef-1']);
    expect([asked.code, approved.code]).to.deep.equal([3, 3]);
    expect(asked.stderr).to.include('--yes').and.to.include('--approved');
    expect(approved.stderr).to.include('PLAN_CHANGED');
  });

  it('says that nothing is owed, no run is alive, and which runs there are', async () => {
    using folder = scratchFolder();
    const environment = {FIREDRILL_STATE: join(folder.path, 'state')};
    const list = await firedrill(['recover', '--list'], environment);
    const stop = await firedrill(['stop', '--all'], environment);
    const runs = await firedrill(['runs', 'list', '--runs-dir', folder.path]);
    expect([list.code, stop.code, runs.code]).to.deep.equal([0, 0, 0]);
    expect(list.stdout + stop.stdout + runs.stdout).to.match(/Nothing is owed[^]*No run is alive[^]*No runs in/);
  });

  it('ends with 2 for a run that does not exist', async () => {
    using folder = scratchFolder();
    const codes = await Promise.all([
      firedrill(['report', 'nope', '--runs-dir', folder.path]),
      firedrill(['recover', 'nope']),
      firedrill(['stop', 'nope']),
      firedrill(['stop']),
    ]);
    expect(codes.map(ended => ended.code)).to.deep.equal([2, 2, 2, 2]);
  });

  it('ends with 1 and says so when the build is missing', async () => {
    using folder = scratchFolder();
    mkdirSync(join(folder.path, 'bin'));
    for (const file of ['bin/run.js', 'bin/package.json', 'package.json'])
      copyFileSync(join(ROOT, file), join(folder.path, file));
    const {execFile} = await import('node:child_process');
    const ended = await new Promise<{code: unknown; stderr: string}>(resolve => {
      execFile(process.execPath, [join(folder.path, 'bin/run.js'), 'runs'], (error, _out, stderr) =>
        resolve({code: error?.code, stderr}),
      );
    });
    expect(ended.code).to.equal(1);
    expect(ended.stderr).to.include('npm run build');
  });

  it('works for a user whom nobody knows: without HOME and without a line in passwd', async () => {
    using folder = scratchFolder();
    const preload = join(folder.path, 'nobody.cjs');
    writeFileSync(
      preload,
      `const os = require('node:os');
const unknown = () => { throw new Error('uv_os_get_passwd returned ENOENT'); };
os.userInfo = unknown;
os.homedir = () => process.env.HOME ?? unknown();
require('node:module').syncBuiltinESMExports();
delete process.env.HOME;
delete process.env.SHELL;
`,
    );
    const asNobody = {NODE_OPTIONS: `--require ${preload}`, FIREDRILL_STATE: ''};
    const [help, nothing, wrong] = await Promise.all([
      firedrill(['--help'], asNobody),
      firedrill(['recover', '--list'], asNobody),
      firedrill(['run', 'none.yaml'], asNobody),
    ]);
    expect([help.code, nothing.code, wrong.code]).to.deep.equal([0, 0, 2]);
    expect(wrong.stderr).to.include('FILE_UNREADABLE');
  });

  it('names every exit code in the README as the program does', async () => {
    const readme = readFileSync(join(ROOT, 'README.md'), 'utf8');
    const {EXIT_MEANINGS} = await import('../../src/system/exit-codes.js');
    for (const code of Object.keys(EXIT_MEANINGS)) expect(readme).to.match(new RegExp(`^\\| ${code} \\|`, 'm'));
  });
});
