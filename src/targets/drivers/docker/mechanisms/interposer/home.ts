import {signalWithin} from '../../../../../system/clock.js';
import {once} from 'node:events';
import {existsSync, readFileSync} from 'node:fs';
import {connect} from 'node:net';
import {join} from 'node:path';
import {PLACES, type InterposerReply, type InterposerRequest} from '../../../../../interposer/protocol.js';
import {describeError} from '../../../../../system/error.js';
import {allPids, identityOf, type ProcessIdentity} from '../../../../../system/processes.js';

/** Where an interposer of this tag has its socket and files. */
export function interposerFolder(stateDir: string, tag: string): string {
  return join(stateDir, 'interposers', tag);
}

export function controlPath(folder: string): string {
  return join(folder, PLACES.control);
}

/**
 * One request to the interposer; undefined when none listens there. Rejects with the signal's reason, or when it hangs
 * up.
 */
export async function askInterposer(
  folder: string,
  request: InterposerRequest,
  signal: AbortSignal,
): Promise<InterposerReply | undefined> {
  const socket = connect({path: controlPath(folder)});
  const stop = () => socket.destroy(signal.reason as Error);
  signal.addEventListener('abort', stop, {once: true});
  try {
    signal.throwIfAborted();
    await once(socket, 'connect');
    socket.setEncoding('utf8');
    socket.end(`${JSON.stringify(request)}\n`);
    let text = '';
    for await (const chunk of socket as AsyncIterable<string>) text += chunk;
    return text === '' ? undefined : (JSON.parse(text) as InterposerReply);
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ENOENT' || code === 'ECONNREFUSED' || code === 'ECONNRESET' || code === 'EPIPE') return undefined;
    throw error;
  } finally {
    signal.removeEventListener('abort', stop);
    socket.destroy();
  }
}

/** The same with a limit, for mutations; an interposer that does not answer is told by `why`. */
export async function tellInterposer(
  folder: string,
  request: InterposerRequest,
  budgetMs: number,
): Promise<InterposerReply | undefined> {
  try {
    return await askInterposer(folder, request, signalWithin(budgetMs));
  } catch (error) {
    return {ok: false, why: `it does not answer: ${describeError(error)}`};
  }
}

function argumentsOf(pid: number): readonly string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
  } catch {
    return [];
  }
}

/**
 * The supervisor and the interposer of this folder, wherever a start was interrupted: they carry the folder's path
 * among their arguments, and nobody else has a path like that.
 */
export async function processesOf(folder: string): Promise<readonly ProcessIdentity[]> {
  const found: ProcessIdentity[] = [];
  for (const pid of await allPids()) {
    if (pid === process.pid || !argumentsOf(pid).includes(folder)) continue;
    const who = await identityOf(pid);
    if (who !== undefined) found.push(who);
  }
  return found;
}

export function isThere(folder: string): boolean {
  return existsSync(folder);
}
