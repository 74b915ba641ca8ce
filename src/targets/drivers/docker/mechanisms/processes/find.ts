import {readFileSync} from 'node:fs';
import {bootId} from '../../../../../system/clock.js';
import {commandLine, hasEnded, parseStat, signalExactly, statOf} from '../../../../../system/processes.js';
import type {TargetRef} from '../../../../contract.js';
import {stillThere, type InnerProcess, type ProcessName} from '../../../inner-processes.js';
import {askContainer} from '../../engine/ask.js';
import {readMembers} from '../../engine/cgroup.js';
import {refOf, type ContainerView} from '../../engine/container.js';
import type {Engine} from '../../engine/engine.js';
import {messageOf, type MutationOutcome} from '../../engine/failures.js';
import {hostPid} from '../../engine/host-pid.js';

/**
 * Where the engine is on this machine and we are root, processes are read and signalled from here; else by a shell
 * inside.
 */
export function seenFromHere(engine: Engine, view: ContainerView): boolean {
  return 'pid' in hostPid(engine, view);
}

/** The pid in the innermost namespace. */
function innerPid(pid: number): number | undefined {
  try {
    const row = /^NSpid:\s+(.*)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return Number(row?.trim().split(/\s+/).at(-1));
  } catch {
    return undefined;
  }
}

async function fromHost(engine: Engine, view: ContainerView): Promise<readonly InnerProcess[]> {
  const pids = (await readMembers(engine, view)) ?? [];
  const found = await Promise.all(
    pids.map(async (host): Promise<readonly InnerProcess[]> => {
      const [stat, args, pid] = [await statOf(host), await commandLine(host), innerPid(host)];
      if (stat === undefined || hasEnded(stat) || pid === undefined) return [];
      const {comm, startTicks, state} = stat;
      const command = args.length === 0 ? `[${comm}]` : args.join(' ');
      return [{pid, hostPid: host, startTicks, comm, command, state, main: host === view.pid}];
    }),
  );
  return found.flat();
}

/** Needs a shell, `cat` and /proc in the container. The shell's own processes are told by its pid. */
const LIST = 'echo "=self $$"; for d in /proc/[0-9]*; do echo "=$d"; cat $d/stat $d/cmdline 2>/dev/null; echo; done';

/** Reads what LIST printed. */
export function parseListing(text: string): readonly InnerProcess[] {
  const self = Number(/^=self (\d+)/.exec(text)?.[1]);
  const parts = text.split(/^=\/proc\/\d+\n/m).slice(1);
  const rows = parts.flatMap(part => {
    const end = part.indexOf('\n');
    const stat = parseStat(part.slice(0, end));
    return stat === undefined ? [] : [{stat, args: part.slice(end + 1).replace(/\n$/, '')}];
  });
  return rows.flatMap(({stat, args}) => {
    const {pid, parent, comm, startTicks, state} = stat;
    if (hasEnded(stat) || pid === self || parent === self) return [];
    const command = args === '' ? `[${comm}]` : args.replace(/\0$/, '').replaceAll('\0', ' ');
    return [{pid, hostPid: null, startTicks, comm, command, state, main: pid === 1}];
  });
}

/** What runs in the container now. @throws FiredrillError TARGET_UNSUITABLE when it cannot be listed. */
export async function innerProcesses(
  engine: Engine,
  view: ContainerView,
  signal: AbortSignal,
): Promise<readonly InnerProcess[]> {
  if (seenFromHere(engine, view)) return fromHost(engine, view);
  return parseListing(await askContainer(engine, refOf(engine, view), ['sh', '-c', LIST], signal));
}

/** Field 22 of /proc/PID/stat is the start time: only the very process that was meant gets the signal. */
const SIGNAL =
  'signal=$1; shift; for one in "$@"; do pid=${one%%:*}; start=${one#*:}; ' +
  '{ IFS= read -r line < "/proc/$pid/stat"; } 2>/dev/null || continue; set -- ${line##*) }; ' +
  '[ "${20}" = "$start" ] && kill -s "$signal" "$pid"; done; exit 0';

/** Signals exactly these processes, as far as they are still there. */
export async function signalInner(
  engine: Engine,
  view: ContainerView,
  names: readonly ProcessName[],
  {ref, signal, budgetMs}: {readonly ref: TargetRef; readonly signal: string; readonly budgetMs: number},
): Promise<MutationOutcome> {
  if (!seenFromHere(engine, view)) {
    const these = names.map(({pid, startTicks}) => `${pid}:${startTicks}`);
    const command = ['sh', '-c', SIGNAL, 'sh', signal, ...these];
    const never = new AbortController().signal;
    return engine.mutate(() => askContainer(engine, ref, command, never), budgetMs);
  }
  try {
    const boot = bootId();
    for (const {hostPid: pid, startTicks} of stillThere(await fromHost(engine, view), names)) {
      if (pid !== null) await signalExactly({pid, startTicks, boot}, `SIG${signal}` as NodeJS.Signals);
    }
    return {state: 'done'};
  } catch (error) {
    return {state: 'unknown', status: undefined, why: messageOf(error)};
  }
}
