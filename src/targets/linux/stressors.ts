import {spawn, type ChildProcess} from 'node:child_process';
import {readFileSync, writeFileSync} from 'node:fs';
import {uptime} from 'node:os';
import {setTimeout as delay} from 'node:timers/promises';
import {endOf} from '../../system/commands.js';
import {describeError} from '../../system/error.js';
import {isAlive, signalExactly, statOf} from '../../system/processes.js';
import {cgroupsOf, folderOf, type CgroupRow} from './cgroups.js';
import {
  residentBytes,
  tagEnvironment,
  taggedProcesses,
  waitedSeconds,
  writtenBytes,
  type TaggedProcess,
} from './tagged.js';
import {TOOL_PATH} from './tools.js';

/** Joins the cgroups before anything else: what is started then is in them from its first instruction. */
const JOIN = 'while [ "$1" != -- ]; do echo 0 > "$1" || exit 9; shift; done; shift; exec "$@"';
/** Waits for the flip before it becomes stress-ng; what that says later has no reader any more. */
const WAIT = 'exec 2>/dev/null; kill -STOP $$; exec "$@"';
const TOOL = 'stress-ng';
const POLL_MS = 10;
const PREPARED_WITHIN_MS = 5_000;
/** stress-ng ends and reaps its workers within some ten ms of a SIGTERM. */
const GRACE_MS = 1_500;

/** Which work a stressor does, and how much of it was asked: cores, bytes held, or bytes on disk at a time. */
export interface Stress {
  readonly kind: 'cpu' | 'memory' | 'io';
  readonly asked: number;
}

/** How a stressor is started. */
export interface StressorStart {
  readonly tag: string;
  readonly argv: readonly string[];
  /** Files of the cgroups to join. */
  readonly join: readonly string[];
  /** The process whose pid namespace it enters, so that it ends with that namespace; undefined to stay in ours. */
  readonly enter: number | undefined;
}

/** What the stressors of a tag do now. */
export interface Usage {
  readonly processes: number;
  /** Workers that were let go; 0 while they only wait. */
  readonly working: number;
  /** Since the last of them started: the first ones waited to be let go. */
  readonly ageSeconds: number;
  readonly cpuSeconds: number;
  /** How long they were ready to work while others had the processors; 0 where nobody counts that. */
  readonly waitSeconds: number;
  readonly heldBytes: number;
  readonly writtenBytes: number;
}

/**
 * Starts stress-ng up to the point where only a SIGCONT is missing. Answers why that failed, or nothing. What an
 * earlier attempt left behind under the same tag is ended first.
 */
export async function prepareStressors(start: StressorStart, budgetMs: number): Promise<string | undefined> {
  const deadline = performance.now() + Math.min(budgetMs, PREPARED_WITHIN_MS);
  await endStressors(start.tag, deadline - performance.now());
  const inside = ['/bin/sh', '-c', WAIT, 'sh', TOOL, ...start.argv];
  const command = start.enter === undefined ? inside : ['nsenter', '-t', String(start.enter), '-p', '--', ...inside];
  const child = spawn('/bin/sh', ['-c', JOIN, 'sh', ...start.join, '--', ...command], {
    detached: true,
    cwd: '/',
    stdio: ['ignore', 'ignore', 'pipe'],
    env: {PATH: TOOL_PATH, LC_ALL: 'C', ...tagEnvironment(start.tag)},
  });
  const why = await untilStopped(child, deadline);
  child.stderr.destroy();
  child.unref();
  return why;
}

/** Waits until the child has stopped itself; answers why it did not. */
async function untilStopped(child: ChildProcess, deadline: number): Promise<string | undefined> {
  let said = '';
  let ended: string | undefined;
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (said += text));
  void endOf(child).then(
    ({code}) => (ended = `it ended with code ${String(code)}${said === '' ? '' : `: ${said.trim()}`}`),
    (error: unknown) => (ended = describeError(error)),
  );
  while (ended === undefined) {
    if (child.pid !== undefined && (await statOf(child.pid))?.state === 'T') return undefined;
    if (performance.now() >= deadline) return 'it was not ready in time';
    await delay(POLL_MS);
  }
  return `the stressors cannot be started: ${ended}`;
}

/** Lets prepared stressors go, and waits until they are at work; answers why they are not. */
export async function releaseStressors(tag: string, stress: Stress, budgetMs: number): Promise<string | undefined> {
  const deadline = performance.now() + budgetMs;
  const prepared = taggedProcesses(tag);
  if (prepared.length === 0) return 'no prepared stressors are there';
  for (const who of prepared) await signalExactly(who, 'SIGCONT');
  for (;;) {
    const usage = usageOf(taggedProcesses(tag));
    // In the middle of its exec a process shows no tag: only who is gone has ended.
    const ended = usage.processes === 0 && !(await Promise.all(prepared.map(who => isAlive(who)))).includes(true);
    if (ended) return `stress-ng ended right after its start (\`${TOOL} --version\` should work here)`;
    if (effectOf(stress, usage).done) return undefined;
    // How it goes on is for the proof to say: it is under way.
    if (performance.now() >= deadline) return undefined;
    await delay(POLL_MS);
  }
}

const isStressNg = ({comm}: TaggedProcess) => comm.startsWith(TOOL);

/** What these processes of a tag have used, added up. */
export function usageOf(processes: readonly TaggedProcess[]): Usage {
  const working = processes.filter(one => isStressNg(one) && one.state !== 'T');
  const last = Math.max(...working.map(({startedSeconds}) => startedSeconds));
  const sum = (of: (one: TaggedProcess) => number) => working.reduce((total, one) => total + of(one), 0);
  return {
    processes: processes.length,
    working: working.length,
    ageSeconds: working.length === 0 ? 0 : Math.max(0, uptime() - last),
    cpuSeconds: sum(({cpuSeconds}) => cpuSeconds),
    waitSeconds: sum(({pid}) => waitedSeconds(pid)),
    heldBytes: sum(({pid}) => residentBytes(pid)),
    writtenBytes: sum(({pid}) => writtenBytes(pid)),
  };
}

/**
 * A stressor that asks for less than this part of what it should has no effect worth the name. What it asks for and
 * does not get counts: where others have the processors, whoever it shares them with goes as short as it does.
 */
const GOOD_PART = 0.1;
/** Until then a busy machine may not have let it run. */
const RAMP_SECONDS = 3;
const MOSTLY = 0.8;

/** How far the stressors have come: what they have done, whether that is what was asked, and why it is not. */
export function effectOf(
  stress: Stress,
  usage: Usage,
): {readonly work: number; readonly done: boolean; readonly why: string} {
  switch (stress.kind) {
    case 'cpu': {
      const perSecond = (seconds: number) => (usage.ageSeconds > 0 ? seconds / usage.ageSeconds : 0);
      const [cores, waiting] = [perSecond(usage.cpuSeconds), perSecond(usage.waitSeconds)];
      const done =
        usage.cpuSeconds > 0 && (usage.ageSeconds < RAMP_SECONDS || cores + waiting >= GOOD_PART * stress.asked);
      const got = `it gets ${cores.toFixed(2)} of the ${stress.asked} cores asked for`;
      return {work: usage.cpuSeconds, done, why: `${got}, and waits for no more than ${waiting.toFixed(2)}`};
    }
    case 'memory': {
      const done = usage.heldBytes >= MOSTLY * stress.asked;
      return {work: usage.heldBytes, done, why: `it holds ${usage.heldBytes} of the ${stress.asked} bytes asked for`};
    }
    case 'io':
      return {work: usage.writtenBytes, done: usage.writtenBytes > 0, why: 'it has written nothing so far'};
  }
}

/**
 * A frozen process takes no signal: in the root of the freezer it runs on, to its end. On v2 a SIGKILL reaches it
 * anyway.
 */
function thaw(pid: number): void {
  try {
    const freezer = cgroupsOf(pid).find(({controllers}: CgroupRow) => controllers.includes('freezer'));
    const folder = freezer === undefined ? undefined : folderOf(freezer);
    if (folder === undefined || !readFileSync(`${folder}/freezer.state`, 'utf8').startsWith('FROZ')) return;
    const root = folderOf({controllers: ['freezer'], path: ''});
    if (root !== undefined) writeFileSync(`${root}/cgroup.procs`, String(pid));
  } catch {
    // It has ended, there is no freezer, or it may not be moved: the signals tell.
  }
}

/** Ends all stressors of a tag; false when some live on after the budget (ms). Does nothing where there are none. */
export async function endStressors(tag: string, budgetMs: number): Promise<boolean> {
  const begun = performance.now();
  for (;;) {
    const all = taggedProcesses(tag);
    if (all.length === 0) return true;
    const waited = performance.now() - begun;
    await signalAll(all, waited);
    if (waited >= budgetMs) return false;
    await delay(POLL_MS);
  }
}

/**
 * First the stressors are asked, so that they reap their workers: an orphan would become a zombie of the container's
 * first process, which may never look. What only waits is killed under its parent, which is let go to see that and end.
 */
async function signalAll(all: readonly TaggedProcess[], waitedMs: number): Promise<void> {
  const asking = waitedMs < GRACE_MS;
  for (const one of all) {
    thaw(one.pid);
    const isChild = all.some(({pid, comm}) => pid === one.parent && comm.startsWith(TOOL));
    if (one.comm === 'nsenter' && waitedMs < 2 * GRACE_MS) await signalExactly(one, 'SIGCONT');
    else if (!isStressNg(one) || !asking) await signalExactly(one, 'SIGKILL');
    else if (!isChild) {
      await signalExactly(one, 'SIGTERM');
      await signalExactly(one, 'SIGCONT');
    }
  }
}
