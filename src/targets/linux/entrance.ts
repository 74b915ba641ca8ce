import type {JsonObject} from '../../quantities/json.js';
import type {ProofAnswer} from '../contract.js';

/**
 * A POSIX sh script that runs as root in the NETWORK namespace of a target, with the tools of the way in (the host, a
 * helper image). `Place` is what a driver must know of a target to enter it.
 */
export interface Job<Place> {
  readonly place: Place;
  readonly script: string;
}

/** What became of a job. */
export interface Ran {
  /** Exit status of the script; undefined when it did not run, or not to its end: `why` says so. */
  readonly code: number | undefined;
  readonly stdout: string;
  /** What it complained of. */
  readonly stderr: string;
  readonly why?: string;
}

/**
 * Mutations are bounded by a budget: what has not begun when it is over does not begin, what has begun runs to its end
 * unwatched. Reads are bounded by a signal, which ends them.
 */
export type Bound = ({readonly budgetMs: number} | {readonly signal: AbortSignal}) & {
  /** The run for which it is done: written on what has to be put beside a target. */
  readonly run?: string;
};

/**
 * A way into the namespaces of targets: `nsenter` on their host, a helper container, an ephemeral container, an agent.
 * Answers in the order of the jobs; one that fails hurts no other. Rejects only with the reason of the bound's signal.
 */
export interface Entrance<Place> {
  run(jobs: readonly Job<Place>[], bound: Bound): Promise<readonly Ran[]>;
}

/** A change that is a script in the target's network namespace, by the arguments of an operation. */
export interface ScriptedChange {
  /** What it does belongs to the incarnation that it was drafted for. */
  readonly isBound: boolean;
  script(args: JsonObject, run: string): string;
}

/** A question that a script in the target's network namespace answers. */
export interface ScriptedQuestion {
  script(args: JsonObject): string;
  /** Judges what the script printed; may throw on what it cannot read. */
  judge(stdout: string, args: JsonObject): ProofAnswer;
}

export function notRun(why: string): Ran {
  return {code: undefined, stdout: '', stderr: '', why};
}

/** Why a job did not do what it should, in the tool's own words. */
export function complaintOf({code, stderr, why}: Ran): string {
  if (why !== undefined) return why;
  const said = stderr.replace(/\s*\n\s*/g, '; ');
  return `it ended with code ${String(code)}${said === '' ? '' : `: ${said}`}`;
}
