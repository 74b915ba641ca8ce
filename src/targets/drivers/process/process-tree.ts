import {bootId} from '../../../system/clock.js';
import {
  allPids,
  ancestors,
  commandLine,
  hasEnded,
  signalExactly,
  statOf,
  type ProcessIdentity,
} from '../../../system/processes.js';
import type {JsonObject} from '../../../quantities/json.js';
import type {Op} from '../../contract.js';
import {choiceFrom, matching, namesFrom, type InnerProcess} from '../inner-processes.js';
import {locate} from './objects.js';

/** The process and all below it, without Firedrill itself and what it runs in. */
export async function processTree(main: ProcessIdentity): Promise<readonly InnerProcess[]> {
  const own = new Set([process.pid, ...(await ancestors(process.pid))]);
  const parents = new Map<number, number>();
  const found: InnerProcess[] = [];
  for (const pid of await allPids()) {
    const stat = await statOf(pid);
    if (stat === undefined || hasEnded(stat)) continue;
    parents.set(pid, stat.parent);
    const {comm, startTicks, state} = stat;
    // The command line is read only of those that belong to it, below.
    found.push({pid, hostPid: pid, startTicks, comm, command: '', state, main: pid === main.pid});
  }
  const isBelow = (pid: number): boolean => {
    for (let at: number | undefined = pid; at !== undefined && at > 1; at = parents.get(at)) {
      if (at === main.pid) return true;
    }
    return false;
  };
  const family = found.filter(one => !own.has(one.pid) && isBelow(one.pid));
  return Promise.all(
    family.map(async one => {
      const args = await commandLine(one.pid);
      return {...one, command: args.length === 0 ? `[${one.comm}]` : args.join(' ')};
    }),
  );
}

/** The processes that an operation's arguments name, as they can be recognised; none of another boot. */
function identitiesFrom(args: JsonObject): readonly ProcessIdentity[] {
  const boot = bootId();
  return args['boot'] === boot ? namesFrom(args).map(name => ({...name, boot})) : [];
}

/** Signals exactly these processes; answers how many of them are still there. */
export async function signalNamed(args: JsonObject, signal: NodeJS.Signals): Promise<number> {
  let sent = 0;
  for (const who of identitiesFrom(args)) if (await signalExactly(who, signal)) sent += 1;
  return sent;
}

/** What became of the processes that an operation's arguments name. */
export async function lookAtNamed(args: JsonObject): Promise<{planned: number; living: number; stopped: number}> {
  let [living, stopped] = [0, 0];
  for (const {pid, startTicks} of identitiesFrom(args)) {
    const stat = await statOf(pid);
    if (stat?.startTicks !== startTicks || hasEnded(stat)) continue;
    living += 1;
    if (stat.state === 'T') stopped += 1;
  }
  return {planned: namesFrom(args).length, living, stopped};
}

/** How many processes of the target, as it runs now, match the choice in the arguments; none while it does not run. */
export async function countMatching({ref, args}: Op, own: boolean): Promise<number> {
  const who = await locate(ref.object, own);
  return who === undefined ? 0 : matching(await processTree(who), choiceFrom(args)).length;
}
