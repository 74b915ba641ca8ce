import {spawn, type ChildProcess} from 'node:child_process';

/** What a command that ended by itself left behind. */
export interface Ended {
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
}

/** Most bytes of output, both streams together. */
const MOST_OUTPUT = 1024 * 1024;

/** Kills the whole process group: what the command has started goes with it. */
function killGroup(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    // No process of the group is left.
  }
}

/**
 * Runs a command in a process group of its own. Resolves when it has ended and nothing of it holds its output open; what it
 * leaves running in its group is killed. Rejects with the spawn error, or, once everything is killed, with the signal's reason.
 */
export function runCommand(command: Command, signal: AbortSignal): Promise<Ended> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const child = spawn(command.file, [...command.args], {
      cwd: command.cwd,
      env: {...command.environment},
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    const output = {stdout: [] as Buffer[], stderr: [] as Buffer[]};
    let bytes = 0;
    const keep = (stream: Buffer[]) => (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > MOST_OUTPUT) killGroup(child);
      else stream.push(chunk);
    };
    const onAbort = () => killGroup(child);
    signal.addEventListener('abort', onAbort, {once: true});
    child.stdout.on('data', keep(output.stdout));
    child.stderr.on('data', keep(output.stderr));
    child.once('error', error => {
      signal.removeEventListener('abort', onAbort);
      reject(error);
    });
    child.once('exit', () => killGroup(child));
    child.once('close', (exitCode, killedBy) => {
      signal.removeEventListener('abort', onAbort);
      if (signal.aborted) reject(signal.reason as Error);
      else
        resolve({
          exitCode,
          signal: killedBy,
          stdout: Buffer.concat(output.stdout).toString('utf8'),
          stderr: Buffer.concat(output.stderr).toString('utf8'),
          tooMuch: bytes > MOST_OUTPUT,
        });
    });
  });
}
