import {expect} from 'chai';
import {spawn, type StdioOptions} from 'node:child_process';
import {closeSync, existsSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {identityOf} from '../../src/system/processes.js';
import {ensureBuilt, ROOT} from '../support/cli.js';
import {until} from '../support/processes.js';

const FILE = `version: 1
title: An output that fails
targets: {app: {process: {start: [sleep, "600"]}}}
steadyState: {fine: {command: {run: [echo, "1"], every: 500ms}, tolerance: {equals: 1}}}
windows: {warmup: 1s, baseline: 5s, recovery: 10s}
faults: [{name: freeze, pause: {}, targets: [app], for: 3s}]
`;

/** One run of the command line in folders of its own. */
class Scene {
  readonly root = mkdtempSync(join(tmpdir(), 'firedrill-output-'));
  private readonly runs = join(this.root, 'runs');
  private readonly env = {...process.env, FIREDRILL_STATE: join(this.root, 'state')};

  constructor() {
    writeFileSync(join(this.root, 'file.yaml'), FILE);
  }

  /** The words of a shell that runs the experiment and writes its exit code to a file. */
  get script(): string {
    return `${this.command}; echo $? > code`;
  }

  get command(): string {
    return `"${process.execPath}" "${ROOT}/bin/run.js" run file.yaml --yes --runs-dir runs`;
  }

  start(program: string, args: readonly string[], stdio: StdioOptions) {
    return spawn(program, [...args], {cwd: this.root, env: this.env, stdio});
  }

  /** All events of the record so far. */
  events(): string {
    const [run] = existsSync(this.runs) ? readdirSync(this.runs) : [];
    const path = join(this.runs, run ?? '', 'events.ndjson');
    return existsSync(path) ? readFileSync(path, 'utf8') : '';
  }

  /** The start of the process is a change too, before the phase. */
  get isBroken(): boolean {
    return this.events().split('"phase":"fault"')[1]?.includes('"change.confirmed"') === true;
  }

  exit(): Promise<number> {
    const path = join(this.root, 'code');
    const has = () => existsSync(path) && readFileSync(path, 'utf8').endsWith('\n');
    return until('the run has ended', has, 60_000).then(() => Number(readFileSync(path, 'utf8')));
  }

  /** Where the runner took the place of the shell that told its pid. */
  ended(): Promise<void> {
    const pid = Number(readFileSync(join(this.root, 'pid'), 'utf8'));
    return until('the runner has ended', async () => (await identityOf(pid)) === undefined, 60_000);
  }

  result(): object {
    return JSON.parse(readFileSync(join(this.runs, readdirSync(this.runs)[0]!, 'result.json'), 'utf8')) as object;
  }

  get reported(): boolean {
    return existsSync(join(this.runs, readdirSync(this.runs)[0]!, 'report.html'));
  }
}

describe('An output that fails', function () {
  let scene: Scene;
  before(() => ensureBuilt());
  beforeEach(() => (scene = new Scene()));
  afterEach(() => rmSync(scene.root, {recursive: true, force: true}));

  it('stops nothing where the disk is full: the exit code is the verdict', async () => {
    const full = openSync('/dev/full', 'w');
    scene.start('sh', ['-c', scene.script], ['ignore', full, full]);
    closeSync(full);
    expect(await scene.exit()).to.equal(0);
    expect(scene.events()).to.match(/can no longer be shown: [^"]*ENOSPC[^"]*The run goes on/);
    expect(scene.reported).to.equal(true);
  });

  it('stops nothing where the terminal is lost in mid-fault', async () => {
    // In a session of its own it is told nothing of the terminal's end, and its writes fail with EIO.
    const quoted = `setsid -w sh -c '${scene.script}'`;
    const terminal = scene.start('script', ['-qfec', quoted, '/dev/null'], ['pipe', 'ignore', 'ignore']);
    await until('something is broken', () => scene.isBroken, 60_000);
    terminal.kill('SIGKILL');
    expect(await scene.exit()).to.equal(0);
    expect(scene.events()).to.match(/can no longer be shown: [^"]*EIO[^"]*The run goes on/);
    expect(scene.reported).to.equal(true);
  });

  it('stops, undoes and reports where the terminal hangs up in mid-fault', async () => {
    const terminal = scene.start(
      'script',
      ['-qfec', `echo $$ > pid; exec ${scene.command}`, '/dev/null'],
      ['pipe', 'ignore', 'ignore'],
    );
    await until('something is broken', () => scene.isBroken, 60_000);
    terminal.kill('SIGKILL');
    await scene.ended();
    expect(scene.reported).to.equal(true);
    expect(scene.result()).to.include({exit: 129});
    expect(scene.events())
      .to.contain('"signal":1')
      .and.to.contain('"undo.requested"')
      .and.to.contain('"debts.settled"');
  });

  it('is a failure where the output was all the answer there is', async () => {
    const full = openSync('/dev/full', 'w');
    const child = scene.start(process.execPath, [join(ROOT, 'bin/run.js'), 'schema'], ['ignore', full, 'pipe']);
    closeSync(full);
    let said = '';
    child.stderr!.on('data', (chunk: Buffer) => (said += chunk.toString()));
    expect(await new Promise(resolve => child.once('close', resolve))).to.equal(1);
    expect(said).to.match(/^stdout could not be written: ENOSPC.*\n$/);
  });
});
