import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync} from 'node:fs';
import {createServer, type AddressInfo} from 'node:net';
import {cpus, loadavg} from 'node:os';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import * as z from 'zod';

export const ROOT = fileURLToPath(new URL('../../..', import.meta.url)).replace(/\/$/, '');

/** What each run does: `nothing` is the A/A run, `something` a real fault, to see that one would be found. */
export type Kind = 'nothing' | 'something';

/** Many runs of one experiment on the demo shop, each with a shop and ports of its own. */
export interface Series {
  readonly kind: Kind;
  /** How many judged ones, and how many in all at most: the gate does not let all of them begin. */
  readonly runs: number;
  readonly attempts: number;
  readonly parallel: number;
  /** How long baseline and fault are, each; `--go-on` may make them longer where they could not answer. */
  readonly windowSeconds: number;
  readonly resizeSeconds: number;
  /** The run folders are left here, and a note of how they were made. */
  readonly folder: string;
}

const NOTE = 'series.json';

const noteSchema = z.strictObject({
  kind: z.enum(['nothing', 'something']),
  runs: z.int(),
  parallel: z.int(),
  windowSeconds: z.number(),
  resizeSeconds: z.number(),
  startedAt: z.string(),
  node: z.string(),
  cores: z.int(),
  /** Load average of the machine over a minute, at the start of each run. */
  load: z.array(z.number()),
});

/** How the runs of a folder were made. */
export type Note = z.infer<typeof noteSchema>;

export function readNote(folder: string): Note {
  return noteSchema.parse(JSON.parse(readFileSync(join(folder, NOTE), 'utf8')));
}

/** The run folders of a series, the oldest first. */
export function runFolders(folder: string): readonly string[] {
  return readdirSync(join(folder, 'runs'))
    .sort()
    .map(name => join(folder, 'runs', name));
}

/** How a command ended, and what it printed. */
interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The built command line, as a user would call it. It undoes and ends by itself when it is interrupted, and is waited for. */
export function firedrill(args: readonly string[], environment: Readonly<Record<string, string>> = {}): Promise<Ended> {
  return new Promise(resolve => {
    const child = spawn(process.execPath, ['bin/run.js', ...args], {
      cwd: ROOT,
      env: {...process.env, ...environment},
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const interrupt = () => void child.kill('SIGINT');
    process.on('SIGINT', interrupt).on('SIGTERM', interrupt);
    let [stdout, stderr] = ['', ''];
    child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
    child.on('close', code => {
      process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
      resolve({code, stdout, stderr});
    });
  });
}

/** Exit codes of runs that were judged: held, inconclusive, deviated. */
export const JUDGED: ReadonlySet<number> = new Set([0, 5, 7]);

/** And of those that the gate stopped before the fault: not steady, or too noisy for an answer. */
export const NOT_BEGUN: ReadonlySet<number> = new Set([3, 8]);

const PORTS = ['GATEWAY', 'CHECKOUT', 'INVENTORY', 'STORE'];

/** Free ports for one shop, as the variables that the shop and the experiments read. */
async function shopEnvironment(): Promise<Record<string, string>> {
  const servers = PORTS.map(() => createServer());
  // All are held until all are known, so that none comes twice.
  await Promise.all(servers.map(server => once(server.listen(0, '127.0.0.1'), 'listening')));
  const ports = servers.map(server => (server.address() as AddressInfo).port);
  await Promise.all(servers.map(server => once(server.close(), 'close')));
  return Object.fromEntries(PORTS.map((name, i) => [`SHOP_${name}_PORT`, String(ports[i])]));
}

async function runOnce(series: Series, n: number): Promise<Ended> {
  const {kind, windowSeconds, resizeSeconds, folder} = series;
  const places = ['--include-from', 'experiments', '--runs-dir', join(folder, 'runs')];
  const flags = ['--yes', '--quiet', `--go-on=${resizeSeconds}s`, ...places];
  return firedrill(['run', `scripts/calibrate/live/${kind}.yaml`, ...flags], {
    ...(await shopEnvironment()),
    CALIBRATE_FLAG: join(folder, `flag-${n}`),
    CALIBRATE_WINDOW: `${windowSeconds}s`,
  });
}

/** How this series is made; a folder that has runs already gets more of them. */
function noteOf({kind, runs, parallel, windowSeconds, resizeSeconds, folder}: Series): Note {
  const known = existsSync(join(folder, NOTE)) ? readNote(folder) : undefined;
  return {
    kind,
    runs,
    parallel,
    windowSeconds,
    resizeSeconds,
    startedAt: known?.startedAt ?? new Date().toISOString(),
    node: process.version,
    cores: cpus().length,
    load: known?.load ?? [],
  };
}

/**
 * Runs until as many were judged as are wanted, or `attempts` are used up; what a run says is left to its folder. `report` is told of each that has
 * ended.
 * @throws Error when a run ends in a way that says nothing about the judgement.
 */
export async function runSeries(series: Series, report: (n: number, code: number) => void): Promise<void> {
  const {runs, attempts, parallel, folder} = series;
  mkdirSync(join(folder, 'runs'), {recursive: true});
  const note = noteOf(series);
  const write = () => writeFileSync(join(folder, NOTE), JSON.stringify(note));
  let [begun, judged, broken] = [0, 0, false];
  let underWay = 0;
  const wanted = () => !broken && judged + underWay < runs && begun < attempts;
  const worker = async () => {
    while (wanted()) {
      const n = ++begun;
      underWay++;
      note.load.push(loadavg()[0] ?? 0);
      write();
      const {code, stderr} = await runOnce(series, n);
      underWay--;
      if (code === null || !(JUDGED.has(code) || NOT_BEGUN.has(code))) {
        broken = true;
        throw new Error(`run ${n} ended with ${code}:\n${stderr}`);
      }
      if (JUDGED.has(code)) judged++;
      report(n, code);
    }
  };
  const ends = await Promise.allSettled(Array.from({length: parallel}, worker));
  const failed = ends.find(end => end.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
}
