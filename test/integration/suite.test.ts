import {existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {expect} from 'chai';
import {SyntaxValidator} from 'fast-xml-validator';
import {ensureBuilt, firedrill, startFiredrill} from '../support/cli.js';
import {until} from '../support/processes.js';

interface Told {
  readonly title: string;
  readonly state: string;
  readonly exit: number;
  readonly attempts: number;
  readonly verdict: string | null;
  readonly why: string;
}

/** An experiment of a second or two; `value` is what its metric reads, 1 is allowed. */
const experiment = (title: string, tags: string, value = '1', forS = 1) => `version: 1
title: ${title}
tags: [${tags}]
targets: { sleeper: { process: { start: [sleep, "600"] } } }
windows: { warmup: 0s, baseline: 1s, recovery: 2s }
steadyState:
  one:
    command: { run: [sh, -c, "${value}"], every: 100ms }
    tolerance: { below: 2 }
    judge: [fault]
faults: [{ name: freeze, pause: {}, targets: [sleeper], for: ${forS}s }]
`;

/** 1 until the run is so old that the fault is in force, then 3. */
const TURNS = 'test -e ROOT/turned && echo 3 || echo 1';

describe('A suite', function () {
  let root = '';
  before(() => ensureBuilt());
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'firedrill-suite-'));
    mkdirSync(join(root, 'all'));
  });
  afterEach(() => rmSync(root, {recursive: true, force: true}));

  const write = (name: string, text: string) => {
    writeFileSync(join(root, 'all', name), text.replaceAll('ROOT', root));
  };
  const given = (args: readonly string[]) => ['suite', join(root, 'all'), '--runs-dir', join(root, 'runs'), ...args];
  const environment = () => ({FIREDRILL_STATE: join(root, 'state')});
  const suite = (...args: readonly string[]) => firedrill(given(args), environment());
  const told = (stdout: string) => JSON.parse(stdout) as readonly Told[];

  /** The second of three deviates: its own fault makes it. */
  const three = () => {
    write('1-first.yaml', experiment('First', 'quick', 'echo 1'));
    const second = experiment('Second & <b>last</b>', 'quick', TURNS);
    const turn =
      '{ name: turn, command: { do: [touch, ROOT/turned], undo: [rm, ROOT/turned], proof: [test, -e, ROOT/turned] }, for: 1s }';
    write('2-second.yaml', second.replace(/^faults: .*$/m, `faults: [${turn}]`).replace(/^targets: .*\n/m, ''));
    write('3-third.yaml', experiment('Third', 'slow', 'echo 1'));
    write('shared.base.yaml', 'variables: {}\n');
  };

  it('runs all experiments of a folder, tells each, and ends with the worst exit code', async () => {
    three();
    const ended = await suite('--yes', '--json', '--junit', join(root, 'junit.xml'));
    const runs = told(ended.stdout);
    expect(runs.map(({title, state, exit, verdict}) => [title, state, exit, verdict])).to.deep.equal([
      ['First', 'ran', 0, 'held'],
      ['Second & <b>last</b>', 'ran', 7, 'deviated'],
      ['Third', 'ran', 0, 'held'],
    ]);
    expect(ended.code).to.equal(7);
    const xml = readFileSync(join(root, 'junit.xml'), 'utf8');
    expect(SyntaxValidator.validate(xml)).to.equal(true);
    expect(xml.match(/<testsuite /g)).to.have.length(3);
    expect(xml)
      .to.include('Second &amp; &lt;b&gt;last&lt;/b&gt;')
      .and.to.match(/<testsuites [^>]*failures="2"/);
  });

  it('runs only what has the tag, and nothing more after a failure where that is asked for', async () => {
    three();
    const tagged = await suite('--yes', '--json', '--tag', 'slow');
    expect(told(tagged.stdout).map(({title}) => title)).to.deep.equal(['Third']);
    const fast = await suite('--yes', '--json', '--fail-fast');
    expect(told(fast.stdout).map(({state}) => state)).to.deep.equal(['ran', 'ran', 'not-run']);
    expect(told(fast.stdout)[2]?.why).to.match(/^the suite ended after `.*2-second\.yaml`$/);
    const none = await suite('--tag', 'slwo');
    expect([none.code, none.stdout]).to.deep.equal([2, '']);
    expect(none.stderr).to.include('quick, slow');
  });

  it('runs nothing at all where one file is wrong', async () => {
    three();
    write('2-second.yaml', 'version: 1\ntitle: x\n');
    const {code, stdout, stderr} = await suite('--yes');
    expect([code, stdout]).to.deep.equal([2, '']);
    expect(stderr).to.include('2-second.yaml');
    expect(existsSync(join(root, 'runs'))).to.equal(false);
  });

  it('begins nothing that its budget does not hold: what was to be shown is not shown', async () => {
    three();
    const {code, stdout} = await suite('--yes', '--json', '--budget', '6s', '--tag', 'slow', '--tag', 'quick');
    const runs = told(stdout);
    expect(runs[0]).to.include({state: 'ran', exit: 0});
    expect(runs.at(-1)).to.include({state: 'not-run', exit: 5});
    expect(runs.at(-1)?.why).to.include('the budget does not hold that');
    expect(code).to.equal(5);
    const text = await suite('--budget', '6');
    expect(text.code).to.equal(2);
  });

  it('tries again only what could not be told', async () => {
    // Not steady while the file is there; the end of the first attempt takes it away.
    const busy = experiment('First', 'quick', 'test -e ROOT/busy && echo 9 || echo 1');
    write('1-first.yaml', `${busy}cleanup: [{ name: calm down, run: [rm, -f, ROOT/busy] }]\n`);
    writeFileSync(join(root, 'busy'), '');
    const again = await suite('--yes', '--json', '--retry', '2');
    expect(told(again.stdout).map(({exit, attempts}) => [exit, attempts])).to.deep.equal([[0, 2]]);
    writeFileSync(join(root, 'busy'), '');
    const once = await suite('--yes', '--json');
    expect(told(once.stdout).map(({exit, attempts}) => [exit, attempts])).to.deep.equal([[8, 1]]);
  });

  it('undoes what is under way when it is stopped, and runs nothing more', async () => {
    write('1-first.yaml', experiment('First', 'quick', 'touch ROOT/measured; echo 1', 60));
    write('2-second.yaml', experiment('Second', 'quick', 'echo 1'));
    const {child, ended} = startFiredrill(given(['--yes', '--json']), environment());
    await until('the first run measures', () => existsSync(join(root, 'measured')));
    child.kill('SIGTERM');
    const {code, stdout, stderr} = await ended;
    expect(code, stderr).to.equal(128 + 15);
    expect(told(stdout).map(({state, exit}) => [state, exit])).to.deep.equal([
      ['ran', 143],
      ['not-run', 5],
    ]);
    const owed = await firedrill(['recover', '--list'], environment());
    expect([owed.code, owed.stdout]).to.deep.equal([0, 'Nothing is owed.\n']);
  });

  it('tells people in a table', async () => {
    write('1-first.yaml', experiment('First', 'quick', 'echo 1'));
    const {code, stdout, stderr} = await suite();
    expect(code, stderr).to.equal(0);
    expect(stdout)
      .to.match(/^✔ +First +held +0 +\d{8}-\d{6}-\w{4}$/m)
      .and.to.include('1 of 1 experiments ended as they should.');
    expect(stderr).to.include('▶ First (');
  });
});
