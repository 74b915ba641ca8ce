import {spawn, type ChildProcess} from 'node:child_process';

/** What a command that ended by itself left behind. */
export interface EndedCommand {
  readonly exitCode: number | null;
  readonly signal: string | null;
  readonly stdout: string;
  readonly stderr: string;
  /** It printed more than is read; it was killed. */
  readonly tooMuch: boolean;
}

export interface Command {
  readonly file: string;
  readonly args: readonly string[];
  readonly cwd?: string | undefined;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Most bytes of output, both streams together; undefined: 1 MiB. */
  readonly mostBytes?: number;
}

const MOST_OUTPUT = 1024 * 1024;

/** Kills the whole process group of a child that was started with one: what it has started goes with it. */
export function killGroup({pid}: ChildProcess): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // No process of the group is left.
  }
}

/**
 * Waits for the end of a child itself, with all that it printed read. The event `close` would wait for everything that
 * it left running with its output open, a daemon for example: afterwards nothing reads from that any more. Rejects with
 * the reason why it could not be started.
 */
export function endOf(child: ChildProcess): Promise<{readonly code: number | null; readonly signal: string | null}> {
  return new Promise((resolve, reject) => {
    const done = (settle: () => void) => {
      child.stdout?.destroy();
      child.stderr?.destroy();
      settle();
    };
    child.once('error', error => done(() => reject(error)));
    // What it printed is in the pipes by now and is read within this turn of the event loop.
    child.once('exit', (code, signal) => setImmediate(() => done(() => resolve({code, signal}))));
  });
}

/**
 * Runs a command in a process group of its own. Resolves when it has ended; what it leaves running in its group is
 * killed, what has left the group (a daemon) is let live. Rejects with the spawn error, or, once the group is killed,
 * with the signal's reason.
 */
export async function runCommand(command: Command, signal: AbortSignal): Promise<EndedCommand> {
  signal.throwIfAborted();
  const child = spawn(command.file, [...command.args], {
    cwd: command.cwd,
    env: {...command.environment},
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  const output = {stdout: [] as Buffer[], stderr: [] as Buffer[]};
  const {mostBytes = MOST_OUTPUT} = command;
  let bytes = 0;
  const keep = (stream: Buffer[]) => (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > mostBytes) killGroup(child);
    else stream.push(chunk);
  };
  child.stdout.on('data', keep(output.stdout));
  child.stderr.on('data', keep(output.stderr));
  const onAbort = () => killGroup(child);
  signal.addEventListener('abort', onAbort, {once: true});
  child.once('exit', onAbort);
  try {
    const ended = await endOf(child);
    signal.throwIfAborted();
    return {
      exitCode: ended.code,
      signal: ended.signal,
      stdout: Buffer.concat(output.stdout).toString('utf8'),
      stderr: Buffer.concat(output.stderr).toString('utf8'),
      tooMuch: bytes > mostBytes,
    };
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}
