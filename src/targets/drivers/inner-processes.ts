import type {Json, JsonObject} from '../../quantities/json.js';
import {compilePattern} from '../../quantities/pattern.js';
import type {ProcessChoice} from '../contract.js';

/** A process inside a target, as its driver sees it. */
export interface InnerProcess {
  /** As people inside the target know it. */
  readonly pid: number;
  /** Of this machine; null where it cannot be seen from here. */
  readonly hostPid: number | null;
  readonly startTicks: string;
  readonly comm: string;
  /** The arguments joined by blanks; the name in brackets where there are none. */
  readonly command: string;
  /** As in /proc/PID/stat: `T` is stopped. */
  readonly state: string;
  /** The first process of a container, or the process that was selected. */
  readonly main: boolean;
}

const MOST_COMMANDS = 5;
const LONGEST_COMMAND = 60;

function isNamed({comm, command}: InnerProcess, name: string): boolean {
  const program = command.split(' ')[0]?.split('/').at(-1);
  // The kernel keeps 15 bytes of the name.
  return comm === name || program === name || (comm.length === 15 && name.startsWith(comm));
}

/** All that the choice means, the oldest first, whatever its `count`. */
export function matching(all: readonly InnerProcess[], choice: ProcessChoice): readonly InnerProcess[] {
  const {match, name, includeMain} = choice;
  const pattern = match === undefined ? undefined : compilePattern(match);
  return all
    .filter(one => includeMain || !one.main)
    .filter(one => (pattern === undefined || pattern.test(one.command)) && (name === undefined || isNamed(one, name)))
    .sort((a, b) => Number(a.startTicks) - Number(b.startTicks) || a.pid - b.pid);
}

/** `17 (worker --id 1), 18`: every pid, and the first few commands. */
export function listed(processes: readonly InnerProcess[]): string {
  return processes
    .map(({pid, command}, i) => (i < MOST_COMMANDS ? `${pid} (${command.slice(0, LONGEST_COMMAND)})` : String(pid)))
    .join(', ');
}

/** What the choice asks for, in words. */
export function wanted({match, name}: ProcessChoice): string {
  return match === undefined ? `named \`${name ?? ''}\`` : `whose command line matches \`${match}\``;
}

/** Exactly one process, as an operation's arguments name it. */
export interface ProcessName {
  readonly pid: number;
  readonly startTicks: string;
}

export function namesOf(processes: readonly InnerProcess[]): Json {
  return processes.map(({pid, startTicks}) => ({pid, startTicks}));
}

/** Our own words, read back from an operation's arguments. */
export function namesFrom(args: JsonObject): readonly ProcessName[] {
  return (args['processes'] ?? []) as unknown as readonly ProcessName[];
}

export function choiceArguments({match, name, includeMain}: ProcessChoice): JsonObject {
  return {...(match === undefined ? {} : {match}), ...(name === undefined ? {} : {name}), includeMain};
}

export function choiceFrom(args: JsonObject): ProcessChoice {
  const text = (value: Json | undefined) => (typeof value === 'string' ? value : undefined);
  return {
    match: text(args['match']),
    name: text(args['name']),
    includeMain: args['includeMain'] === true,
    count: undefined,
  };
}

/** Which of these processes are still there. */
export function stillThere(all: readonly InnerProcess[], names: readonly ProcessName[]): readonly InnerProcess[] {
  const known = new Set(names.map(({pid, startTicks}) => `${pid}:${startTicks}`));
  return all.filter(({pid, startTicks}) => known.has(`${pid}:${startTicks}`));
}

/** Slots: two faults may not hold the same process at once. */
export function claimsOn(processes: readonly InnerProcess[]): readonly string[] {
  return processes.map(({pid, startTicks}) => `process:${pid}:${startTicks}`);
}

/**
 * These two always show, as soon as the process is scheduled; whether another signal does is for the proof to find out.
 */
export function hasTakenEffect(
  signal: string,
  {living, stopped}: {readonly living: number; readonly stopped: number},
): boolean {
  if (signal === 'SIGKILL') return living === 0;
  return signal === 'SIGSTOP' ? stopped === living : true;
}
