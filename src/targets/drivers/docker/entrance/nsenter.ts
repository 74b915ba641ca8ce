import type {Engine} from '../engine/engine.js';
import {hostPid} from '../engine/host-pid.js';
import {mapInFlight} from '../../../../system/in-flight.js';
import {notRun, type Entrance, type Job, type Ran} from '../../../linux/entrance.js';
import type {Enterable} from './entrance.js';
import {quoteForShell} from '../../shell-words.js';
import {Shell} from './shell.js';

/** Most of a change to a rule set is waiting for the kernel, so more than the processors can be under way. */
const SHELLS = 8;
/** The kernel takes no longer argument (MAX_ARG_STRLEN, with room for the quotes). */
const LONGEST_SCRIPT = 100_000;

type ShellLine = {readonly line: string} | {readonly why: string};

function lineOf(engine: Engine, {place, script}: Job<Enterable>): ShellLine {
  const found = hostPid(engine, place);
  if ('why' in found) return found;
  if (script.length > LONGEST_SCRIPT) return {why: `its script of ${script.length} characters is too long`};
  return {line: `nsenter -t ${found.pid} -n -- sh -c ${quoteForShell(script)}`};
}

/** Rejects with the signal's reason; takes its listener away with `stop`. */
function aborted(signal: AbortSignal): {readonly promise: Promise<never>; stop(): void} {
  let listener: () => void = () => undefined;
  const promise = new Promise<never>((_, reject) => {
    listener = () => reject(signal.reason as Error);
    signal.addEventListener('abort', listener, {once: true});
  });
  return {promise, stop: () => signal.removeEventListener('abort', listener)};
}

async function read(lines: readonly ShellLine[], signal: AbortSignal): Promise<readonly Ran[]> {
  signal.throwIfAborted();
  const shells: Shell[] = [];
  const abort = aborted(signal);
  const all = inShells(lines, shells, () => !signal.aborted);
  try {
    const ran = await Promise.race([all, abort.promise]);
    await Promise.all(shells.map(shell => shell.close()));
    return ran;
  } catch (error) {
    await Promise.all(shells.map(shell => shell.kill()));
    throw error;
  } finally {
    abort.stop();
  }
}

async function change(lines: readonly ShellLine[], budgetMs: number): Promise<readonly Ran[]> {
  const shells: Shell[] = [];
  const answers: (Ran | undefined)[] = [];
  const end = performance.now() + budgetMs;
  const all = inShells(lines, shells, () => performance.now() < end, answers).then(() => 'done' as const);
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise<'over'>(resolve => {
    timer = setTimeout(resolve, Math.max(0, budgetMs), 'over');
  });
  const outcome = await Promise.race([all, over]);
  clearTimeout(timer);
  if (outcome === 'done') await Promise.all(shells.map(shell => shell.close()));
  else for (const shell of shells) shell.abandon();
  return lines.map((_, index) => answers[index] ?? notRun(`it did not end within ${Math.round(budgetMs)} ms`));
}

/** Feeds the lines to a few shells; each takes the next one when it is done. `may` is asked before each. */
async function inShells(
  lines: readonly ShellLine[],
  shells: Shell[],
  may: () => boolean,
  answers: (Ran | undefined)[] = [],
): Promise<readonly Ran[]> {
  const idle: Shell[] = [];
  return mapInFlight(lines, SHELLS, async (line, index) => {
    if ('why' in line) return (answers[index] = notRun(line.why));
    if (!may()) return (answers[index] = notRun('the time was used up before it was begun'));
    let shell = idle.pop();
    if (shell === undefined) shells.push((shell = new Shell()));
    const ran = await shell.run(line.line);
    // A shell that has ended answers nothing more.
    if (ran.why === undefined) idle.push(shell);
    return (answers[index] = ran);
  });
}

/** Enters the containers' network namespaces from this machine. */
export function nsenterInto(engine: Engine): Entrance<Enterable> {
  return {
    run: (jobs, bound) => {
      const lines = jobs.map(job => lineOf(engine, job));
      return 'signal' in bound ? read(lines, bound.signal) : change(lines, bound.budgetMs);
    },
  };
}
