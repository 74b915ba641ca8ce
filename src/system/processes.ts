import {execFile, execFileSync} from 'node:child_process';
import {existsSync, readdirSync, readFileSync, readlinkSync} from 'node:fs';
import {readFile} from 'node:fs/promises';
import {setImmediate as turn, setTimeout as delay} from 'node:timers/promises';
import {hostname} from 'node:os';
import {promisify} from 'node:util';
import {bootId} from './clock.js';

/** A process as it can be recognised later: a pid alone may have been given to someone else. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Start time in clock ticks since boot (/proc/PID/stat, field 22); where there is no /proc, what `ps` prints. */
  readonly startTicks: string;
  readonly boot: string;
}

/** What /proc/PID/stat (or `ps`) says about a process. */
interface ProcessStat {
  readonly pid: number;
  /** Name of the executable, at most 15 bytes. */
  readonly comm: string;
  /** `R`, `S`, `D`, `T` (stopped), `t` (traced), `Z` (zombie), … */
  readonly state: string;
  readonly parent: number;
  readonly startTicks: string;
  /** A thread of the kernel: it has no program and takes no signals. */
  readonly kernel: boolean;
}

const HAS_PROC = existsSync('/proc/self/stat');
const KERNEL_THREAD = 0x00200000;
/** First and longest pause between two looks. */
const [FIRST_POLL_MS, POLL_MS] = [1, 10];
/** For systems without /proc. */
const run = (program: string, args: readonly string[], options: {readonly env?: NodeJS.ProcessEnv} = {}) =>
  promisify(execFile)(program, args, {...options, encoding: 'utf8'});

/** Reads the line of /proc/PID/stat. The name stands in parentheses and may hold parentheses and blanks itself. */
export function parseStat(line: string): ProcessStat | undefined {
  const open = line.indexOf('(');
  const close = line.lastIndexOf(')');
  const pid = Number(line.slice(0, open));
  const rest = line
    .slice(close + 2)
    .trim()
    .split(' ');
  const [state, parent] = rest;
  const [flags, startTicks] = [rest[6], rest[19]];
  if (open < 1 || close < open || !Number.isInteger(pid) || state === undefined || startTicks === undefined)
    return undefined;
  return {
    pid,
    comm: line.slice(open + 1, close),
    state,
    parent: Number(parent),
    startTicks,
    kernel: (Number(flags) & KERNEL_THREAD) !== 0,
  };
}

/** The process of this pid now; undefined when there is none. A zombie is still there, with state `Z`. */
export async function statOf(pid: number): Promise<ProcessStat | undefined> {
  if (!Number.isInteger(pid) || pid < 1) return undefined;
  if (!HAS_PROC) return psStat(pid);
  try {
    return parseStat(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return undefined;
  }
}

const PS_FIELDS = ['-o', 'stat=,ppid=,lstart=,comm=', '-p'];
const PS_OPTIONS = {env: {...process.env, LC_ALL: 'C'}, encoding: 'utf8'} as const;

/** Where there is no /proc (macOS): coarser, because start times have whole seconds. */
function parsePs(pid: number, line: string): ProcessStat | undefined {
  const [state = '', parent = '', ...rest] = line.trim().split(/\s+/);
  const comm = rest.slice(5).join(' ').split('/').at(-1) ?? '';
  if (state === '') return undefined;
  const startTicks = rest.slice(0, 5).join(' ');
  return {pid, comm, state: state.charAt(0), parent: Number(parent), startTicks, kernel: false};
}

async function psStat(pid: number): Promise<ProcessStat | undefined> {
  try {
    return parsePs(pid, (await run('ps', [...PS_FIELDS, String(pid)], PS_OPTIONS)).stdout);
  } catch {
    return undefined;
  }
}

/** A zombie has ended: it holds nothing and takes no signal any more. */
export function hasEnded(stat: ProcessStat | undefined): boolean {
  return stat === undefined || stat.state === 'Z' || stat.state === 'X';
}

/** The running process of this pid, as it can be recognised later; undefined when it has ended. */
export async function identityOf(pid: number): Promise<ProcessIdentity | undefined> {
  const stat = await statOf(pid);
  return stat === undefined || hasEnded(stat) ? undefined : {pid, startTicks: stat.startTicks, boot: bootId()};
}

/** Whether exactly this process still runs (a recycled pid is another one, a zombie is dead). */
export async function isAlive(who: ProcessIdentity): Promise<boolean> {
  if (who.boot !== bootId()) return false;
  const stat = await statOf(who.pid);
  return stat?.startTicks === who.startTicks && !hasEnded(stat);
}

/**
 * Sends a signal to exactly this process. Answers false when it is gone or the pid belongs to another one by now.
 * @throws the system's error (EPERM) when the process belongs to someone else.
 */
export async function signalExactly(who: ProcessIdentity, signal: NodeJS.Signals): Promise<boolean> {
  if (!(await isAlive(who))) return false;
  try {
    process.kill(who.pid, signal);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ESRCH') return false;
    throw error;
  }
}

/** Waits until the process has ended; false when it still runs after the budget (ms). */
export async function waitForEnd(who: ProcessIdentity, budgetMs: number): Promise<boolean> {
  const deadline = performance.now() + budgetMs;
  for (let pollMs = FIRST_POLL_MS; await isAlive(who); pollMs = Math.min(2 * pollMs, POLL_MS)) {
    if (performance.now() >= deadline) return false;
    await delay(pollMs);
  }
  return true;
}

/**
 * SIGKILLs exactly this process and waits for its death; false when it lives on after the budget (ms) or may not be
 * killed.
 */
export async function killAndWait(who: ProcessIdentity, budgetMs: number): Promise<boolean> {
  try {
    await signalExactly(who, 'SIGKILL');
  } catch {
    return !(await isAlive(who));
  }
  return waitForEnd(who, budgetMs);
}

/** All pids, in ascending order. */
export async function allPids(): Promise<readonly number[]> {
  const names = HAS_PROC ? readdirSync('/proc') : (await run('ps', ['-axo', 'pid='])).stdout.split('\n');
  return names
    .map(Number)
    .filter(pid => Number.isInteger(pid) && pid > 0)
    .sort((a, b) => a - b);
}

/**
 * The command line; empty for kernel threads, zombies and processes that are gone. One that gave itself a title (Redis,
 * PostgreSQL) filled the rest of the space with zeros: they are no arguments.
 */
export async function commandLine(pid: number): Promise<readonly string[]> {
  try {
    if (!HAS_PROC) return [(await run('ps', ['-o', 'command=', '-p', String(pid)])).stdout.trim()];
    const text = await readFile(`/proc/${pid}/cmdline`, 'utf8');
    return text === '' ? [] : text.replace(/\0+$/, '').split('\0');
  } catch {
    return [];
  }
}

/** Whether the process was started with this environment entry (`NAME=value`); false where it may not be read. */
export async function startedWith(pid: number, entry: string): Promise<boolean> {
  try {
    if (!HAS_PROC)
      return (await run('ps', ['-Eww', '-o', 'command=', '-p', String(pid)])).stdout.split(' ').includes(entry);
    return environmentOf(pid).split('\0').includes(entry);
  } catch {
    return false;
  }
}

/** The value of an environment entry that processes were started with, by their pids; of those that may be read. */
export async function startedWithAny(name: string): Promise<ReadonlyMap<number, string>> {
  const texts = HAS_PROC
    ? (await allPids()).map(pid => [pid, environmentOf(pid).split('\0')] as const)
    : (await run('ps', ['-axEww', '-o', 'pid=,command='])).stdout
        .split('\n')
        .map(line => [Number.parseInt(line, 10), line.split(' ')] as const);
  const start = `${name}=`;
  const found = texts.map(([pid, entries]) => [pid, entries.find(entry => entry.startsWith(start))] as const);
  return new Map(found.flatMap(([pid, entry]) => (entry === undefined ? [] : [[pid, entry.slice(start.length)]])));
}

function environmentOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'utf8');
  } catch {
    return '';
  }
}

/** The processes above this one: parent first. */
export async function ancestors(pid: number): Promise<readonly number[]> {
  const above: number[] = [];
  for (let at = await statOf(pid); at !== undefined && at.parent > 0; at = await statOf(at.parent))
    above.push(at.parent);
  return above;
}

const LISTENING = '0A';

/** Socket inodes that listen on a TCP port, from the text of /proc/net/tcp or tcp6. */
export function listeningInodes(table: string, port: number): readonly string[] {
  const wanted = port.toString(16).toUpperCase().padStart(4, '0');
  return table
    .split('\n')
    .slice(1)
    .map(line => line.trim().split(/\s+/))
    .filter(fields => fields[1]?.endsWith(`:${wanted}`) === true && fields[3] === LISTENING)
    .flatMap(fields => fields[9] ?? []);
}

/**
 * The sockets that the process holds, as `socket:[INODE]`; none when it is gone or not ours to look into. Synchronous:
 * /proc never blocks, and thousands of tiny reads through the thread pool take seconds.
 */
export function openSockets(pid: number): readonly string[] {
  try {
    const links = readdirSync(`/proc/${pid}/fd`).map(fd => linkOf(`/proc/${pid}/fd/${fd}`));
    return links.filter(link => link.startsWith('socket:'));
  } catch {
    return [];
  }
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}

async function socketsOn(port: number): Promise<ReadonlySet<string>> {
  const tables = await Promise.all(['tcp', 'tcp6'].map(name => readFile(`/proc/net/${name}`, 'utf8').catch(() => '')));
  return new Set(tables.flatMap(table => listeningInodes(table, port)).map(inode => `socket:[${inode}]`));
}

/**
 * Whether anybody listens on this TCP port, also a process that may not be looked into; false where that cannot be
 * seen.
 */
export async function isListenedOn(port: number): Promise<boolean> {
  return (await socketsOn(port)).size > 0;
}

/** The pids that listen on this TCP port, of those that may be looked into. */
export async function listeners(port: number): Promise<readonly number[]> {
  if (!HAS_PROC) {
    const found = await run('lsof', ['-nP', '-t', `-iTCP:${port}`, '-sTCP:LISTEN']).catch(() => ({stdout: ''}));
    return found.stdout.split('\n').map(Number).filter(Boolean);
  }
  const sockets = await socketsOn(port);
  if (sockets.size === 0) return [];
  const found: number[] = [];
  for (const pid of await allPids()) {
    if (openSockets(pid).some(socket => sockets.has(socket))) found.push(pid);
    // Others get their turn between two processes.
    await turn();
  }
  return found;
}

/** This process. @throws when its own entry cannot be read: nobody could recognise the run's owner later. */
function self(): ProcessIdentity {
  const {pid} = process;
  const stat = HAS_PROC
    ? parseStat(readFileSync('/proc/self/stat', 'utf8'))
    : parsePs(pid, execFileSync('ps', [...PS_FIELDS, String(pid)], PS_OPTIONS));
  if (stat === undefined) throw new Error(`process ${pid} cannot read its own start time`);
  return {pid, startTicks: stat.startTicks, boot: bootId()};
}

/** Names this machine for as long as it lives: a reboot ends its processes, but the debts on it stay readable. */
export function machineId(): string {
  try {
    const id = readFileSync('/etc/machine-id', 'utf8').trim();
    if (id !== '') return id;
  } catch {
    // Not every system has one.
  }
  return hostname();
}

/** The port `Processes` of run/ports.ts on this machine. */
export function systemProcesses() {
  return {self, isAlive, killAndWait};
}
