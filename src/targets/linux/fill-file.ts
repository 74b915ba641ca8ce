import {spawn} from 'node:child_process';
import {constants} from 'node:fs';
import {lstat, open, statfs, unlink, type FileHandle} from 'node:fs/promises';
import {endOf} from '../../system/commands.js';
import {describeError} from '../../system/error.js';
import {TOOL_PATH} from './tools.js';

const TMPFS = 0x01021994;
const RAMFS = 0x858458f6;
const CHUNK = 4 * 2 ** 20;
/** A file system needs a little of itself for the file: so much less than asked still is what was asked. */
const SLACK = Math.max(2 ** 20);
const NEARLY = 0.98;

/** The room of a file system, bytes. */
export interface Space {
  readonly total: number;
  /** Free for everyone. */
  readonly free: number;
  /** Free for root, who may use what the file system keeps back. */
  readonly freeForRoot: number;
  /** It lives in memory. */
  readonly inMemory: boolean;
}

/** @throws the system's error where there is no such folder. */
export async function spaceAt(folder: string): Promise<Space> {
  const {bsize, blocks, bfree, bavail, type} = await statfs(folder);
  return {
    total: blocks * bsize,
    free: bavail * bsize,
    freeForRoot: bfree * bsize,
    inMemory: type === TMPFS || type === RAMFS,
  };
}

/** Share of the room that is in use, as `df` counts it: what only root may use is no part of it. */
export function usedShare({total, free, freeForRoot}: Space): number {
  const used = total - freeForRoot;
  return used / Math.max(1, used + free);
}

/** Bytes on disk that a file takes; undefined where there is no such file. A link there is not ours. */
export async function allocatedAt(path: string): Promise<number | undefined> {
  try {
    const stat = await lstat(path);
    return stat.isFile() ? stat.blocks * 512 : undefined;
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR');
}

/** Removes exactly this file; does nothing where it is gone. @throws the system's error where it may not be removed. */
export async function removeFill(path: string): Promise<void> {
  await unlink(path).catch((error: unknown) => {
    if (!isMissing(error)) throw error;
  });
}

/**
 * Makes a file of this size, all of it allocated. It must not exist, and no link is followed at its place. Answers why
 * that failed; then nothing of it is left.
 */
export async function createFill(path: string, bytes: number, budgetMs: number): Promise<string | undefined> {
  const deadline = performance.now() + budgetMs;
  let file: FileHandle;
  try {
    const {O_CREAT, O_EXCL, O_NOFOLLOW, O_WRONLY} = constants;
    file = await open(path, O_CREAT | O_EXCL | O_NOFOLLOW | O_WRONLY, 0o600);
  } catch (error) {
    return `\`${path}\` cannot be made: ${describeError(error)}`;
  }
  const why = await fill(file, bytes, deadline).catch(describeError);
  await file.close();
  if (why !== undefined) await removeFill(path);
  return why;
}

/** By fallocate where the file system can, else by writing; up to the brim where the last blocks cannot be had. */
async function fill(file: FileHandle, bytes: number, deadline: number): Promise<string | undefined> {
  for (const length of [bytes, bytes - Math.max(SLACK, bytes * 0.005)]) {
    if (length > 0 && (await allocate(file, Math.floor(length))) === undefined) break;
  }
  return write(file, bytes, deadline);
}

/** What `fallocate` said where it failed. It gets the open file itself: no path is looked up again. */
async function allocate(file: FileHandle, bytes: number): Promise<string | undefined> {
  const child = spawn('fallocate', ['-l', String(bytes), '/proc/self/fd/3'], {
    stdio: ['ignore', 'ignore', 'pipe', file.fd],
    env: {PATH: TOOL_PATH, LC_ALL: 'C'},
  });
  let said = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (said += text));
  try {
    return (await endOf(child)).code === 0 ? undefined : said.trim();
  } catch (error) {
    return describeError(error);
  }
}

/** Writes what is missing. No room for the last of it is as good as done; no time is not. */
async function write(file: FileHandle, bytes: number, deadline: number): Promise<string | undefined> {
  const zeros = Buffer.alloc(CHUNK);
  let at = (await file.stat()).size;
  while (at < bytes) {
    if (performance.now() >= deadline) return `only ${at} of ${bytes} bytes could be written in time`;
    try {
      at += (await file.write(zeros, 0, Math.min(CHUNK, bytes - at), at)).bytesWritten;
    } catch (error) {
      const isFull = error instanceof Error && 'code' in error && (error.code === 'ENOSPC' || error.code === 'EDQUOT');
      return isFull && at >= NEARLY * bytes ? undefined : describeError(error);
    }
  }
  return undefined;
}
