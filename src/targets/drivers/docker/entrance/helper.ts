import {randomBytes} from 'node:crypto';
import {demultiplex} from '../engine/ask.js';
import {IN_FLIGHT, type Engine} from '../engine/engine.js';
import {messageOf, statusOf} from '../engine/failures.js';
import {mapInFlight} from '../../../../system/in-flight.js';
import {helperOptions, holderBeside, listHelpers, type Helper} from './helper-container.js';
import {notRun, type Bound, type Entrance, type Job, type Ran} from '../../../linux/entrance.js';
import type {Enterable} from './entrance.js';

const MOST_OUTPUT = 4 << 20;
/** Runs $1 and tells its exit status behind the mark $2: the engine would be asked for it once more otherwise. */
const WRAPPER = 'sh -c "$1" </dev/null; printf "\\n%s %s\\n" "$2" $?';

type OutputStream = AsyncIterable<Buffer> & {destroy(): void};

async function outputOf(stream: OutputStream, signal: AbortSignal | undefined): Promise<Buffer> {
  const end = () => stream.destroy();
  signal?.addEventListener('abort', end, {once: true});
  try {
    const chunks: Buffer[] = [];
    let size = 0;
    for await (const chunk of stream) {
      size += chunk.length;
      if (size <= MOST_OUTPUT) chunks.push(chunk);
    }
    return Buffer.concat(chunks);
  } finally {
    signal?.removeEventListener('abort', end);
  }
}

function ranFrom(output: Buffer, mark: string): Ran {
  const {stdout, stderr} = demultiplex(output);
  const at = stdout.lastIndexOf(`\n${mark} `);
  if (at < 0) return notRun(`the helper ended before its script did${stderr === '' ? '' : `: ${stderr.trim()}`}`);
  return {code: Number(stdout.slice(at + mark.length + 2)), stdout: stdout.slice(0, at), stderr};
}

/** What is done for one job, and by whom. */
interface Errand {
  readonly engine: Engine;
  readonly image: string;
  /** Without a container it is done in an empty network namespace. */
  readonly job: {readonly place: Enterable | undefined; readonly script: string};
  readonly run: string | undefined;
  /** Ends the wait; only for reads. */
  readonly signal: AbortSignal | undefined;
}

/** In a helper that stands beside the container already. */
async function inHolder({engine, job, signal}: Errand, holder: Helper): Promise<Ran> {
  const mark = randomBytes(16).toString('hex');
  const Cmd = ['sh', '-c', WRAPPER, 'sh', job.script, mark];
  const container = engine.docker.getContainer(holder.id);
  const exec = await container.exec({Cmd, AttachStdout: true, AttachStderr: true});
  const stream = await exec.start({Detach: false, Tty: false});
  return ranFrom(await outputOf(stream, signal), mark);
}

/** In a helper of its own, which is gone afterwards. */
async function inFresh({engine, image, job, run, signal}: Errand): Promise<Ran> {
  const mark = randomBytes(16).toString('hex');
  const command = ['sh', '-c', WRAPPER, 'sh', job.script, mark];
  const created = await engine.docker.createContainer(
    helperOptions({image, view: job.place, command, ...(run === undefined ? {} : {run})}),
  );
  try {
    const stream = await created.attach({stream: true, stdout: true, stderr: true});
    await created.start();
    return ranFrom(await outputOf(stream, signal), mark);
  } catch (error) {
    await removeContainer(engine, created.id);
    throw error;
  } finally {
    if (signal?.aborted === true) await removeContainer(engine, created.id);
  }
}

/** Removes it whatever it does; that it is gone already is fine. */
export async function removeContainer(engine: Engine, id: string): Promise<void> {
  try {
    await engine.docker.getContainer(id).remove({force: true, v: true});
  } catch {
    // It has removed itself, or is about to; what stays is found by its label.
  }
}

/** Why a helper could not be used, in words that say what to do. */
function trouble(error: unknown, image: string): string {
  if (statusOf(error) === 404 && messageOf(error).includes(image)) return missingImage(image);
  return `the helper container failed: ${messageOf(error)}`;
}

export function missingImage(image: string): string {
  return `the engine has no image \`${image}\` for helper containers: build it (\`docker build -t ${image} helper/\`) or name another one by \`helperImage\``;
}

async function runOne(errand: Errand, helpers: readonly Helper[]): Promise<Ran> {
  const {place} = errand.job;
  const holder = place === undefined ? undefined : holderBeside(helpers, place);
  try {
    if (holder !== undefined) return await inHolder(errand, holder);
  } catch (error) {
    // One that has gone since the list was read is no reason to fail.
    if (![404, 409].includes(statusOf(error) ?? 0)) return notRun(trouble(error, errand.image));
  }
  try {
    return await inFresh(errand);
  } catch (error) {
    return notRun(trouble(error, errand.image));
  }
}

async function change(engine: Engine, errand: () => Promise<Ran>, budgetMs: number): Promise<Ran> {
  let ran: Ran | undefined;
  const outcome = await engine.mutate(async () => {
    ran = await errand();
  }, budgetMs);
  return ran ?? notRun(outcome.state === 'done' ? 'it gave no answer' : outcome.why);
}

/**
 * Runs a script in a helper with an empty network namespace, of which nothing is left. Rejects only with the signal's
 * reason.
 */
export async function runInScratch(engine: Engine, image: string, script: string, signal: AbortSignal): Promise<Ran> {
  const ran = await runOne({engine, image, job: {place: undefined, script}, run: undefined, signal}, []);
  signal.throwIfAborted();
  return ran;
}

/**
 * Runs each job in a container that shares the network namespace of the job's container: in one that stays beside it
 * where there is one, else in one of its own.
 */
export function helperBeside(engine: Engine, image: string): Entrance<Enterable> {
  return {run: (jobs, bound) => runByHelper(engine, image, jobs, bound)};
}

async function runByHelper(
  engine: Engine,
  image: string,
  jobs: readonly Job<Enterable>[],
  bound: Bound,
): Promise<readonly Ran[]> {
  const signal = 'signal' in bound ? bound.signal : undefined;
  const end = 'budgetMs' in bound ? performance.now() + bound.budgetMs : Infinity;
  let helpers: readonly Helper[];
  try {
    helpers = await listHelpers(engine, signal ?? AbortSignal.timeout(10_000));
  } catch (error) {
    signal?.throwIfAborted();
    return jobs.map(() => notRun(`the helper containers cannot be listed: ${messageOf(error)}`));
  }
  return mapInFlight(jobs, IN_FLIGHT, async job => {
    signal?.throwIfAborted();
    const errand = {engine, image, job, run: bound.run, signal};
    const left = Math.floor(end - performance.now());
    const ran =
      signal === undefined ? await change(engine, () => runOne(errand, helpers), left) : await runOne(errand, helpers);
    signal?.throwIfAborted();
    return ran;
  });
}
