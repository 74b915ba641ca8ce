import {expect} from 'chai';
import {existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {identityOf, killAndWait, listeners} from '../../src/system/processes.js';
import {parseExperiment} from '../../src/experiment/parse.js';
import {ensureBuilt, firedrill, startFiredrill} from '../support/cli.js';
import {answeringPid, answersSoon, freePort, serverScript, startForeign, until} from '../support/processes.js';

describe('What becomes of the victim', function () {
  let root = '';
  let port = 0;
  let environment: Record<string, string> = {};
  before(() => ensureBuilt());
  beforeEach(async () => {
    root = mkdtempSync(join(tmpdir(), 'firedrill-victim-'));
    environment = {FIREDRILL_STATE: join(root, 'state')};
    port = await freePort();
    writeFileSync(path('server.js'), serverScript(port));
    await startForeign([process.execPath, path('server.js')]);
    expect(await answersSoon(port)).to.equal(true);
  });
  afterEach(async () => {
    for (const pid of await listeners(port)) {
      const who = await identityOf(pid);
      if (who !== undefined) await killAndWait(who, 5_000);
    }
    rmSync(root, {recursive: true, force: true});
  });

  const path = (name: string) => join(root, name);
  const events = () => {
    const [run = ''] = existsSync(path('runs')) ? readdirSync(path('runs')) : [];
    const file = join(path('runs'), run, 'events.ndjson');
    return existsSync(file) ? readFileSync(file, 'utf8') : '';
  };
  const log = () => (existsSync(path('log')) ? readFileSync(path('log'), 'utf8').trim() : '');
  const nothingOwed = () => !existsSync(path('state/runs')) || readdirSync(path('state/runs')).length === 0;
  const text = (fault: string, target = `{process: {port: ${port}}}`) => `version: 1
title: Victims
targets: {victim: ${target}}
steadyState: {fine: {command: {run: [echo, "1"], every: 500ms}, tolerance: {equals: 1}}}
windows: {warmup: 0s, baseline: 2s, recovery: 7s}
faults: [{name: end it, targets: [victim], for: 2s, ${fault}}]
`;
  const run = (fault: string, target?: string) => {
    writeFileSync(path('x.yaml'), text(fault, target));
    return startFiredrill(['run', path('x.yaml'), '--yes', '--runs-dir', path('runs')], environment);
  };
  /** Started in another way than before: as an old primary that comes back as a replica. */
  const rejoin = (before = 'true') => {
    const start = `${process.execPath} ${path('server.js')} --replica > /dev/null 2>&1 &`;
    const asks = `fetch('http://127.0.0.1:${port}/').then(() => 0, () => 1).then(process.exit)`;
    return `heal: ${JSON.stringify({
      run: `${before} && { echo "$FIREDRILL_TARGET_NAME" >> ${path('log')}; ${start} }`,
      proof: `${process.execPath} -e "${asks}"`,
      shell: true,
      timeout: '20s',
    })}`;
  };

  for (const fault of ['kill: {}', 'stop: {grace: 1s}', 'process-kill: {name: node, includeMain: true}'])
    it(`is brought back by the author's command after ${fault}, and recovery is watched behind it`, async () => {
      const before = await answeringPid(port);
      const {code, stdout, stderr} = await run(`${fault}, ${rejoin()}`).ended;
      expect(code, `${stdout}${stderr}`).to.equal(0);
      expect(log()).to.equal('victim');
      expect(await answeringPid(port))
        .to.be.a('number')
        .and.not.equal(before);
      expect(stdout.replaceAll(/\s+/g, ' ')).to.include('Everything that was changed is verified to be back.');
      const order = ['"debts.owed"', '"change.requested"', '"debts.settled"', '"phase":"recovery"'];
      const places = order.map(mark => events().indexOf(mark));
      expect(places)
        .to.deep.equal([...places].sort((a, b) => a - b))
        .and.not.include(-1);
    });

  it('is brought back by the guardian when the runner is killed', async () => {
    const {child, ended} = run(`kill: {}, ${rejoin()}`);
    await until('it is dead', () => events().includes('"change.confirmed"'));
    child.kill('SIGKILL');
    await ended;
    await until('the guardian is done', nothingOwed, 60_000);
    expect(await answersSoon(port)).to.equal(true);
    expect(log()).to.equal('victim');
  });

  it('is owed where the command fails: the run ends with 6, and recover runs it again', async () => {
    const {code, stdout, stderr} = await run(`kill: {}, ${rejoin(`test -e ${path('fixed')}`)}`).ended;
    expect(code, `${stdout}${stderr}`).to.equal(6);
    expect(await answeringPid(port)).to.equal(undefined);
    writeFileSync(path('fixed'), '');
    const recovered = await firedrill(['recover'], environment);
    expect(recovered.code, `${recovered.stdout}${recovered.stderr}`).to.equal(0);
    expect(await answersSoon(port)).to.equal(true);
    expect(nothingOwed()).to.equal(true);
  });

  it('stays dead where the file says so: nothing is owed, and plan and report say it', async () => {
    writeFileSync(path('x.yaml'), text('kill: {}, heal: leave'));
    const plan = await firedrill(['plan', path('x.yaml')], environment);
    expect(plan.stdout).to.include('stays as `kill` leaves it (heal: leave)');
    const {code, stdout, stderr} = await run('kill: {}, heal: leave').ended;
    expect(code, `${stdout}${stderr}`).to.equal(0);
    expect(stdout.replaceAll(/\s+/g, ' ')).to.match(/As the file says, .* stays down\./);
    expect(await answeringPid(port)).to.equal(undefined);
    expect(events()).to.not.include('"debts.owed"');
  });

  it('is not left dead where its supervisor starts it again', async () => {
    writeFileSync(path('x.yaml'), text('kill: {}, heal: leave', `{process: {port: ${port}, supervised: true}}`));
    const {code, stdout, stderr} = await firedrill(['plan', path('x.yaml')], environment);
    expect(code).to.equal(3);
    expect(`${stdout}${stderr}`).to.include('does not stay down after `kill`: its restart policy, supervisor or');
  });

  it('is decided only where a fault leaves it down, and in words that are known', () => {
    const said = (fault: string) =>
      parseExperiment({file: 'x.yaml', content: text(fault), environment: {}}).problems.map(
        ({line, code, message}) => `${line} ${code} ${message}`,
      );
    expect(said('restart: {}, heal: leave')).to.deep.equal([
      '6 CONTRADICTION expected `heal: leave` only where a target stays down: `restart` starts its target again itself',
    ]);
    expect(said('kill: {signal: HUP, undo: {nothing: it reloads}}, heal: {run: [a]}')[0]).to.include(
      'nothing to put back',
    );
    expect(said('pause: {}, heal: leave')[0]).to.include('expected `heal` only on faults that happen once');
    expect(said('kill: {}, heal: nobody')[0]).to.include('expected `platform`, `undo`, `leave` or `{run: [COMMAND]}`');
    expect(said('kill: {}, heal: {run: start it}')[0]).to.include('add `shell: true`');
    expect(said('kill: {}, heal: {run: [a], undo: [b]}')[0]).to.include('UNKNOWN_KEY');
  });
});
