import {spawn} from 'node:child_process';
import {mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {once} from 'node:events';
import {tmpdir} from 'node:os';
import {basename, join, resolve} from 'node:path';
import {setTimeout as delay} from 'node:timers/promises';
import {build} from 'esbuild';
import {COMMON, ENTRIES} from '../../scripts/bundle.mjs';
import {openMachine} from '../../src/run/machine.js';
import {listOwed, recoverRun, type OwedRun} from '../../src/run/safety/recover.js';
import {knownRuns} from '../../src/run/safety/state.js';
import {until} from '../support/processes.js';
import type {Orders, Told} from './doomed-runner.js';

const CACHE = resolve('node_modules/.cache/firedrill-crash');

/**
 * The runner and every process that it starts in one folder, as in dist: bundled, because every case starts several.
 */
export async function bundleRunner(): Promise<string> {
  const outdir = join(CACHE, String(process.pid));
  await build({
    ...COMMON,
    entryPoints: {runner: 'test/crash/doomed-runner.ts', ...ENTRIES},
    outdir,
    splitting: true,
    chunkNames: 'chunk-[hash]',
    write: true,
  });
  return join(outdir, 'runner.js');
}

export function removeBundle(): void {
  rmSync(join(CACHE, String(process.pid)), {recursive: true, force: true});
}

export interface Ended {
  readonly signal: NodeJS.Signals | null;
  /** What it said at its end; undefined when it did not come to it. */
  readonly told: Told | undefined;
  /** Everything it printed. */
  readonly said: string;
}

/** The folders of one doomed run, and what can be done to it. */
export class CrashLab {
  private readonly root = mkdtempSync(join(tmpdir(), 'firedrill-crash-'));
  /** Runs at once on one engine have names of their own. */
  private readonly name = basename(this.root);
  readonly stateDir = join(this.root, 'state');
  readonly folder = join(this.root, 'run');

  constructor(
    private readonly runner: string,
    yaml: string,
  ) {
    writeFileSync(join(this.root, 'experiment.yaml'), yaml);
  }

  /** Starts the runner with these orders and waits for its end, at most 60 s. */
  async run(orders: Pick<Orders, 'dieAt' | 'kill'>): Promise<Ended> {
    const whole: Orders = {
      file: join(this.root, 'experiment.yaml'),
      stateDir: this.stateDir,
      folder: this.folder,
      run: this.name,
      ...orders,
    };
    const child = spawn(process.execPath, [this.runner, JSON.stringify(whole)], {stdio: ['ignore', 'pipe', 'pipe']});
    let out = '';
    let err = '';
    child.stdout.on('data', (data: Buffer) => (out += data.toString()));
    child.stderr.on('data', (data: Buffer) => (err += data.toString()));
    const closed = once(child, 'close');
    const timer = setTimeout(() => child.kill('SIGKILL'), 60_000);
    const [code, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
    clearTimeout(timer);
    const isClosed = await Promise.race([closed.then(() => true), delay(5_000, false, {ref: false})]);
    if (!isClosed) throw new Error(`something that the runner started holds its output open: ${err}${out}`);
    return {signal, told: code === 0 ? (JSON.parse(out) as Told) : undefined, said: err + out};
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

  dispose(): void {
    rmSync(this.root, {recursive: true, force: true});
  }

  private ports() {
    return openMachine({environment: process.env, stateDir: this.stateDir, scratch: this.folder}).ports;
  }
}
