import {expect} from 'chai';
import {existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {identityOf} from '../../src/system/processes.js';
import {ensureBuilt, firedrill, startFiredrill} from '../support/cli.js';
import {until} from '../support/processes.js';

interface RecordedEvent {
  readonly type: string;
  readonly phase?: string;
  readonly occurrence?: string;
  readonly settled?: readonly {readonly outcome: string}[];
}

describe('Commands around the run', function () {
  let root = '';
  let environment: Record<string, string> = {};
  before(() => ensureBuilt());
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'firedrill-around-'));
    environment = {FIREDRILL_STATE: join(root, 'state')};
  });
  afterEach(() => rmSync(root, {recursive: true, force: true}));

  const path = (name: string) => join(root, name);
  const log = () => (existsSync(path('log')) ? readFileSync(path('log'), 'utf8').split('\n').filter(Boolean) : []);
  const events = (): readonly RecordedEvent[] => {
    const [run] = existsSync(path('runs')) ? readdirSync(path('runs')) : [];
    const file = join(path('runs'), run ?? '', 'events.ndjson');
    if (!existsSync(file)) return [];
    // A line may be half written, also where a runner was killed over it.
    return readFileSync(file, 'utf8')
      .split('\n')
      .flatMap(line => {
        try {
          return [JSON.parse(line) as RecordedEvent];
        } catch {
          return [];
        }
      });
  };
  const result = () => {
    const [run = ''] = readdirSync(path('runs'));
    return JSON.parse(readFileSync(join(path('runs'), run, 'result.json'), 'utf8')) as {
      readonly occurrences: readonly {readonly id: string}[];
      readonly owed: readonly unknown[];
      readonly putBack: string;
      readonly timeline: readonly {readonly what: string}[];
    };
  };
  const nothingOwed = () => !existsSync(path('state/runs')) || readdirSync(path('state/runs')).length === 0;

  /** Each step is one string for the shell, in the folder of the test. */
  const step = (name: string, parts: Readonly<Record<string, string>>) =>
    `  - ${JSON.stringify({name, shell: true, cwd: root, ...parts})}`;
  const write = (prepare: readonly string[], cleanup: readonly string[] = []) =>
    writeFileSync(
      path('x.yaml'),
      `version: 1
title: Around
variables: {word: hello}
targets: {victim: {process: {start: [sleep, "647"]}}}
steadyState: {seeded: {command: {run: [cat, ${path('seeded')}], every: 500ms}, tolerance: {equals: 1}}}
windows: {warmup: 0s, baseline: 2s, recovery: 7s}
faults: [{name: freeze, pause: {}, targets: [victim], for: 2s}]
${prepare.length === 0 ? '' : `prepare:\n${prepare.join('\n')}`}
${cleanup.length === 0 ? '' : `cleanup:\n${cleanup.join('\n')}`}
`,
    );
  const run = () => startFiredrill(['run', path('x.yaml'), '--yes', '--runs-dir', path('runs')], environment);
  const seed = (name = 'seed') =>
    step(name, {
      run: 'echo 1 > seeded; echo seed >> log',
      undo: 'rm seeded; echo unseed >> log',
      proof: 'test -e seeded',
    });

  it('run in order before anything is measured, are undone in reverse after everything, and are no faults', async () => {
    environment['AROUND_SECRET'] = 'hunter-seven';
    write(
      [
        seed(),
        step('tell', {
          run: 'echo "tell ${var:word} $PASS" >> log; echo $PASS >&2',
          undo: 'test -e seeded && echo "untell $PASS" >> log',
        }).replace('{', '{"environment": {"PASS": "${secret:env:AROUND_SECRET}"}, '),
      ],
      [step('first', {run: 'echo first >> log'}), step('then', {run: 'echo then >> log'})],
    );
    const {code, stdout, stderr} = await run().ended;
    expect(code, `${stdout}${stderr}`).to.equal(0);
    expect(log()).to.deep.equal(['seed', 'tell hello hunter-seven', 'untell hunter-seven', 'unseed', 'first', 'then']);
    const order = events().flatMap(({type, phase, occurrence = ''}) =>
      type === 'phase.entered' ? [String(phase)] : type === 'debts.settled' ? [`settled ${occurrence}`] : [],
    );
    expect(order).to.deep.equal([
      ...['prepare', 'warmup', 'baseline', 'fault', 'settled freeze', 'recovery', 'leak-check'],
      ...['settled #prepare tell', 'settled #prepare seed', 'settled #cleanup first', 'settled #cleanup then'],
      'settled start victim',
    ]);
    const {occurrences, timeline, putBack} = result();
    expect(occurrences.map(({id}) => id)).to.deep.equal(['freeze']);
    expect(putBack).to.equal('Everything that was changed is verified to be back.');
    const told = timeline.map(({what}) => what);
    expect(told).to.include.members(['seed: prepared.', 'tell: put back.', 'then: done at the end of the run.']);
    const [id = ''] = readdirSync(path('runs'));
    for (const file of readdirSync(join(path('runs'), id)))
      expect(readFileSync(join(path('runs'), id, file), 'utf8'), file).to.not.include('hunter-seven');
    expect(`${stdout}${stderr}`).to.not.include('hunter-seven');
  });

  it('are shown by the plan, which runs none of them, and are part of what is approved', async () => {
    write([seed(), step('tell', {run: 'echo ${var:word} > told', undo: 'rm told'})], [step('last', {run: 'rm -f x'})]);
    const plan = async (...flags: string[]) => firedrill(['plan', path('x.yaml'), ...flags], environment);
    const {stdout, code} = await plan();
    expect(code).to.equal(0);
    expect(stdout).to.match(
      /Before\n {2}seed \(at most 30s\)\n {4}do {4}run cd .*echo 1 > seeded.*\n {4}undo {2}cd .*rm seeded/,
    );
    expect(stdout).to.match(/Afterwards\n {2}last \(at most 30s\)\n {4}do {4}cd .*rm -f x/);
    expect(stdout).to.include('1 target hit');
    const digest = (text: string) => /"digest": ?"([0-9a-f]{16})/.exec(text)?.[1];
    const one = (await plan('--json')).stdout;
    const other = (await plan('--json', '--var', 'word=bye')).stdout;
    expect(JSON.parse(one)).to.have.nested.property('prepare[0].timeoutMs', 30_000);
    expect(digest(one)).to.be.a('string').and.not.equal(digest(other));
    expect([existsSync(path('log')), existsSync(path('told'))]).to.deep.equal([false, false]);
  });

  it('end the run with 3 where one fails, with its output; what ran before it is undone, nothing is injected', async () => {
    write(
      [seed(), step('dump', {run: 'echo half > dump; echo no space left >&2; exit 9', undo: 'rm dump'}), seed('never')],
      [step('last', {run: 'echo last >> log'})],
    );
    const {code, stdout, stderr} = await run().ended;
    expect(code, `${stdout}${stderr}`).to.equal(3);
    expect(`${stdout}${stderr}`).to.match(/`prepare` could not do "dump": .*ended with 9; its output: no space left/);
    expect(log()).to.deep.equal(['seed', 'unseed', 'last']);
    expect([existsSync(path('seeded')), existsSync(path('dump'))]).to.deep.equal([false, false]);
    expect(events().some(({phase}) => phase === 'warmup')).to.equal(false);
    expect(nothingOwed()).to.equal(true);
  });

  it('end the run with 3 where one takes longer than its time; nothing of it goes on', async () => {
    write([step('slow', {run: 'echo $$ > pid; sleep 300', undo: 'echo unslow >> log', timeout: '700ms'})]);
    const {code, stdout, stderr} = await run().ended;
    expect(code, `${stdout}${stderr}`).to.equal(3);
    expect(`${stdout}${stderr}`).to.include('did not end within 700 ms (its `timeout`)');
    expect(log()).to.deep.equal(['unslow']);
    expect(await identityOf(Number(readFileSync(path('pid'), 'utf8')))).to.equal(undefined);
  });

  const slow = () => step('slow', {run: 'echo $$ > pid; sleep 300', undo: 'echo unslow >> log', timeout: '4m'});
  const slowPid = async () => {
    await until('the command runs', () => existsSync(path('pid')) && readFileSync(path('pid'), 'utf8') !== '');
    return Number(readFileSync(path('pid'), 'utf8'));
  };

  it('are cut short by Ctrl-C, and undone', async () => {
    write([seed(), slow()]);
    const {child, ended} = run();
    const pid = await slowPid();
    child.kill('SIGINT');
    const {code, stdout, stderr} = await ended;
    expect(code, `${stdout}${stderr}`).to.equal(130);
    expect(await identityOf(pid)).to.equal(undefined);
    expect(log()).to.deep.equal(['seed', 'unslow', 'unseed']);
    expect(nothingOwed()).to.equal(true);
  });

  it('are ended and undone by the guardian when the runner is killed while one runs', async () => {
    write([seed(), slow()], [step('last', {run: 'echo last >> log'})]);
    const {child, ended} = run();
    const pid = await slowPid();
    child.kill('SIGKILL');
    await ended;
    await until('the guardian is done', nothingOwed, 60_000);
    expect(await identityOf(pid)).to.equal(undefined);
    expect(log()).to.deep.equal(['seed', 'unslow', 'unseed', 'last']);
    expect(existsSync(path('seeded'))).to.equal(false);
  });

  it('are undone by the guardian, after the fault, when the runner is killed in the middle of it', async () => {
    write([seed()], [step('last', {run: 'echo last >> log'})]);
    const {child, ended} = run();
    await until('the fault is in force', () =>
      events().some(({type, occurrence}) => type === 'change.confirmed' && occurrence === 'freeze'),
    );
    child.kill('SIGKILL');
    await ended;
    await until('the guardian is done', nothingOwed, 60_000);
    expect(log()).to.deep.equal(['seed', 'unseed', 'last']);
    const settled = events().flatMap(({type, occurrence = ''}) => (type === 'debts.settled' ? [occurrence] : []));
    expect(settled).to.deep.equal(['freeze', '#prepare seed', '#cleanup last', 'start victim']);
  });

  it('are owed where an undo or a cleanup fails: the run ends with 6, the others are done, and recover does the rest', async () => {
    write(
      [seed(), step('dump', {run: 'touch dump', undo: 'test -e fixed && rm dump'})],
      [
        step('sweep', {run: 'echo sweeping >&2; test -e fixed && echo swept >> log'}),
        step('last', {run: 'echo last >> log'}),
      ],
    );
    const {code, stdout, stderr} = await run().ended;
    expect(code, `${stdout}${stderr}`).to.equal(6);
    expect(stdout).to.include('sweep and dump are not put back');
    expect(log()).to.deep.equal(['seed', 'unseed', 'last']);
    expect(result().owed).to.have.length(2);
    expect(`${stdout}${stderr}`).to.include('sweeping');
    const again = await firedrill(['plan', path('x.yaml')], environment);
    expect(again.code).to.equal(8);
    expect(`${again.stdout}${again.stderr}`).to.match(/`dump` is locked: run `.*` still owes/);
    writeFileSync(path('fixed'), '');
    const recovered = await firedrill(['recover'], environment);
    expect(recovered.code, `${recovered.stdout}${recovered.stderr}`).to.equal(0);
    expect(log()).to.deep.equal(['seed', 'unseed', 'last', 'swept']);
    expect([existsSync(path('dump')), nothingOwed()]).to.deep.equal([false, true]);
  });
});
