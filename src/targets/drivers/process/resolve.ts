import {existsSync, readFileSync, realpathSync} from 'node:fs';
import {readlink} from 'node:fs/promises';
import {dirname, join, resolve as resolvePath} from 'node:path';
import {fileURLToPath} from 'node:url';
import type {JsonObject} from '../../../quantities/json.js';
import {compilePattern} from '../../../quantities/pattern.js';
import {bootId} from '../../../system/clock.js';
import {
  allPids,
  ancestors,
  commandLine,
  hasEnded,
  isListenedOn,
  machineId,
  statOf,
  type ProcessIdentity,
} from '../../../system/processes.js';
import {FiredrillError} from '../../../system/error.js';
import type {Ambient, Candidate, TargetRef} from '../../contract.js';
import {serving} from './forwarders.js';
import {addressOf, incarnationOf, isOwn, launchFrom, locate, NOT_STARTED, ownPidFile, portOwners} from './objects.js';
import {anchored} from './selector.js';

const LONGEST_NAME = 48;

/** Finds the candidates of a normalised selector. Reads only. */
export async function resolveProcesses(selector: JsonObject, ambient: Ambient): Promise<readonly Candidate[]> {
  const {pidFile, port, name} = selector;
  if (typeof pidFile === 'string') {
    const object = `pidfile:${resolvePath(pidFile)}`;
    const who = await locate(object, isOwn(object, ambient.stateDir));
    return who === undefined ? [] : [await candidate(object, who, ambient)];
  }
  if (typeof port === 'number') return byPort(port, ambient);
  if (typeof name === 'string') return byName(name, ambient);
  return [await toStart(selector, ambient)];
}

/** A process that Firedrill starts itself: there is always one candidate, running or not. */
async function toStart(selector: JsonObject, ambient: Ambient): Promise<Candidate> {
  const launch = launchFrom(addressOf(selector));
  if (launch === undefined) throw new Error('a normalised process selector has one of start, pidFile, port, name');
  const object = `pidfile:${ownPidFile(launch, ambient.stateDir)}`;
  const command = shortened(launch.argv.join(' '), ambient);
  const who = await locate(object, true);
  if (who !== undefined) return {...(await candidate(object, who, ambient)), ref: refOf(object, command, who)};
  const details = {command: launch.argv.join(' '), ...(launch.cwd === undefined ? {} : {cwd: launch.cwd})};
  return {ref: refOf(object, command, undefined), unnamed: true, status: NOT_STARTED, details};
}

/** Several independent listeners (SO_REUSEPORT) are several candidates, each by its own pid. */
async function byPort(port: number, ambient: Ambient): Promise<readonly Candidate[]> {
  const all = await portOwners(port);
  const owners = await serving(port, all, ambient);
  if (owners.length === 0 && (await isListenedOn(port))) {
    throw new FiredrillError(
      'TARGET_UNSUITABLE',
      `Expected a process on port ${port}; one listens there, but it is not yours to see: another user's, or in another namespace.`,
      {hint: 'Run Firedrill as the user of that process, or as root.'},
    );
  }
  return Promise.all(owners.map(who => candidate(all.length === 1 ? `port:${port}` : pidObject(who), who, ambient)));
}

async function byName(pattern: string, ambient: Ambient): Promise<readonly Candidate[]> {
  const answer = anchored(pattern);
  if ('problem' in answer) throw new Error(answer.problem);
  const expression = compilePattern(answer.inner, {whole: true});
  const found: Candidate[] = [];
  for (const pid of await allPids()) {
    const stat = await statOf(pid);
    if (stat === undefined || hasEnded(stat) || stat.kernel || pid === process.pid) continue;
    const line = (await commandLine(pid)).join(' ');
    if (!expression.test(line) && !expression.test(stat.comm)) continue;
    const who = {pid, startTicks: stat.startTicks, boot: bootId()};
    found.push(await candidate(pidObject(who), who, ambient));
  }
  return found;
}

const pidObject = ({pid, startTicks}: ProcessIdentity) => `pid:${pid}:${startTicks}`;

/**
 * For people: the program without its folder, and as much of its arguments as fits a line. Of half a secret nobody
 * would know later that it is one.
 */
function shortened(command: string, {redact}: Ambient): string {
  const text = redact(command).replace(/^\/\S*\/(?=\S)/, '');
  return text.length > LONGEST_NAME ? `${text.slice(0, LONGEST_NAME - 1)}…` : text;
}

function refOf(object: string, name: string, who: ProcessIdentity | undefined): TargetRef {
  const incarnation = who === undefined ? NOT_STARTED : incarnationOf(who);
  return {driver: 'process', kind: 'process', name, endpoint: machineId(), object, incarnation};
}

async function candidate(object: string, who: ProcessIdentity, ambient: Ambient): Promise<Candidate> {
  const stat = await statOf(who.pid);
  const line = (await commandLine(who.pid)).join(' ');
  const command = line === '' ? (stat?.comm ?? 'unknown') : line;
  const protectedBy = await shieldOf(who.pid);
  return {
    ref: refOf(object, shortened(command, ambient), who),
    unnamed: true,
    status: stat?.state === 'T' ? 'paused' : 'running',
    ...(protectedBy === undefined ? {} : {protectedBy}),
    details: {pid: who.pid, command},
  };
}

/** Why a process must never be hit; undefined when it may. */
async function shieldOf(pid: number): Promise<string | undefined> {
  if (pid === 1) return 'it is the first process of this machine';
  if ((await statOf(pid))?.kernel === true) return 'it is a thread of the kernel';
  if (pid === process.pid) return 'it is Firedrill itself';
  if ((await ancestors(process.pid)).includes(pid)) return 'Firedrill runs below it';
  if (await isFiredrill(pid)) return 'it belongs to Firedrill (another run, a guardian or a proxy)';
  return undefined;
}

/** The folder of this installation. */
function packageRoot(): string | undefined {
  for (let at = dirname(fileURLToPath(import.meta.url)); at !== dirname(at); at = dirname(at)) {
    const file = join(at, 'package.json');
    if (existsSync(file) && readFileSync(file, 'utf8').includes('"name": "firedrill"')) return realpathSync(at);
  }
  return undefined;
}

/** Whether one of the first words of its command line is a program of this installation (guardian, runner, proxy). */
async function isFiredrill(pid: number): Promise<boolean> {
  const root = packageRoot();
  if (root === undefined) return false;
  const cwd = await readlink(`/proc/${pid}/cwd`).catch(() => '/');
  const programs = ['bin', 'dist', 'src'].map(folder => `${join(root, folder)}/`);
  return (await commandLine(pid)).slice(0, 6).some(word => {
    if (!/\.[jt]s$|(?:^|\/)firedrill$/.test(word)) return false;
    const path = real(resolvePath(cwd, word));
    return programs.some(folder => path.startsWith(folder));
  });
}

function real(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}
