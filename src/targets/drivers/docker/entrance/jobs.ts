import type {ContainerView} from '../engine/container.js';

/** What must be known of a container to enter its network namespace. */
export type Enterable = Pick<ContainerView, 'id' | 'name' | 'pid' | 'startedAt'>;

/**
 * A POSIX sh script that runs as root in the container's NETWORK namespace, with the tools of the host (or helper
 * image).
 */
export interface Job {
  readonly view: Enterable;
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
  /** The run for which it is done: written on helper containers. */
  readonly run?: string;
};

export function notRun(why: string): Ran {
  return {code: undefined, stdout: '', stderr: '', why};
}

/** Why a job did not do what it should, in the tool's own words. */
export function complaintOf({code, stderr, why}: Ran): string {
  if (why !== undefined) return why;
  const said = stderr.replace(/\s*\n\s*/g, '; ');
  return `it ended with code ${String(code)}${said === '' ? '' : `: ${said}`}`;
}
