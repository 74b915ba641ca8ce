import {spawn} from 'node:child_process';
import {mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join, resolve} from 'node:path';
import {buildSync} from 'esbuild';
import {openMachine} from '../../src/run/machine.js';
import {listOwed, recoverRun, type OwedRun} from '../../src/run/safety/recover.js';
import {knownRuns} from '../../src/run/safety/state.js';
import {until} from '../support/processes.js';
import type {Orders} from './doomed-runner.js';
import {isStep} from './step.js';

const CACHE = resolve('node_modules/.cache/firedrill-crash');

/** Runner and guardian in one folder, as in dist: bundled, because every case starts two of them. */
export function bundleRunner(): string {
  const outdir = join(CACHE, String(process.pid));
  mkdirSync(outdir, {recursive: true});
  buildSync({
    entryPoints: {runner: 'test/crash/doomed-runner.ts', guardian: 'src/run/safety/guardian-main.ts'},
    outdir,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    packages: 'external',
    chunkNames: 'chunk-[hash]',
    logLevel: 'error',
  });
  return join(outdir, 'runner.js');
}

export function removeBundle(): void {
  rmSync(join(CACHE, String(process.pid)), {recursive: true, force: true});
}

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly out: string;
  readonly err: string;
}

export interface Step {
  /** From 0. */
  readonly nth: number;
  readonly type: string;
}

/** The folders of one doomed run, and what can be done to it. */
export class CrashLab {
  private readonly root = mkdtempSync(join(tmpdir(), 'firedrill-crash-'));
  readonly stateDir = join(this.root, 'state');
  readonly folder = join(this.root, 'run');

  constructor(
    private readonly runner: string,
    yaml: string,
  ) {
    writeFileSync(join(this.root, 'experiment.yaml'), yaml);
  }

  /** Starts the runner with these orders and waits for its end, at most 60 s. */
  async run(orders: Pick<Orders, 'dieAt' | 'kill' | 'freeze'>): Promise<Ended> {
    const whole: Orders = {
      file: join(this.root, 'experiment.yaml'),
      stateDir: this.stateDir,
      folder: this.folder,
      run: 'crash-run',
      ...orders,
    };
    const child = spawn(process.execPath, [this.runner, JSON.stringify(whole)], {stdio: ['ignore', 'pipe', 'pipe']});
    const said = {out: '', err: ''};
    child.stdout.on('data', (data: Buffer) => (said.out += data.toString()));
    child.stderr.on('data', (data: Buffer) => (said.err += data.toString()));
    const timer = setTimeout(() => child.kill('SIGKILL'), 60_000);
    const [code, signal] = await new Promise<[number | null, NodeJS.Signals | null]>(done =>
      child.once('close', (...ended) => done(ended)),
    );
    clearTimeout(timer);
    return {code, signal, ...said};
  }

  /** Waits until the guardian has nothing left to do: the run's state is gone. */
  async guardianIsDone(): Promise<void> {
    await until(
      'the guardian has settled everything',
      async () => (await knownRuns(this.ports())).length === 0,
      90_000,
    );
  }

  /** What `firedrill recover` does; waits while heartbeats are still fresh. Returns what is still owed. */
  async recover(): Promise<number> {
    const ports = this.ports();
    const never = new AbortController().signal;
    let owed: readonly OwedRun[] = [];
    await until(
      'nobody is alive any more',
      async () => {
        owed = await listOwed(ports, [], never);
        return owed.every(run => !run.live);
      },
      60_000,
    );
    let left = 0;
    for (const run of owed) left += (await recoverRun(ports, run, {force: false, redact: text => text})).owed.length;
    return left;
  }

  /** The steps of the run: at each of them one can die. */
  steps(): readonly Step[] {
    const lines = readFileSync(join(this.folder, 'events.ndjson'), 'utf8').trimEnd().split('\n');
    const events = lines.map(line => JSON.parse(line) as {type: string});
    return events.filter(({type}) => isStep(type)).map(({type}, nth) => ({nth, type}));
  }

  dispose(): void {
    rmSync(this.root, {recursive: true, force: true});
  }

  private ports() {
    return openMachine({environment: process.env, stateDir: this.stateDir, scratch: this.folder}).ports;
  }
}
