import {constants} from 'node:fs';
import {open, stat, type FileHandle} from 'node:fs/promises';
import type {Clock} from '../../system/clock.js';
import {codeOf} from '../network/failure.js';
import {noValue, type NoValue} from '../missing.js';
import type {LogSink, LogSource} from './source.js';

const LOOK_EVERY_MS = 100;
const CHUNK = 256 * 1024;
/** So much is read at one look; ten times a second that is more than a log should ever bring. */
const MOST_AT_ONCE = 2 * 1024 * 1024;
/** Whoever is further behind than this goes on near the end. */
const MOST_BEHIND = 32 * 1024 * 1024;

interface OpenFile {
  readonly handle: FileHandle;
  readonly inode: bigint;
  offset: number;
}

const NOT_THERE = noValue('silent', 'there is no such file (yet)');

function whyNot(error: unknown): NoValue {
  const code = codeOf(error);
  if (code === 'ENOENT' || code === 'ENOTDIR') return NOT_THERE;
  return noValue(
    'between',
    code === 'EACCES' ? 'the file may not be read by this user' : `the file cannot be read (${code})`,
  );
}

/**
 * Follows a file by its name, as `tail -F` does: from its end where it is there, from its beginning where it appears
 * later. A file that is replaced is read to its end before the new one is begun; one that became shorter is read from
 * its beginning.
 */
export class FileSource implements LogSource {
  private readonly stopping = new AbortController();
  private readonly loop: Promise<void>;
  private file: OpenFile | undefined;
  /** It was looked for before: whatever appears now is new from its beginning. */
  private lookedFor = false;

  constructor(
    private readonly path: () => Promise<string | undefined>,
    private readonly sink: LogSink,
    private readonly clock: Pick<Clock, 'sleep'>,
  ) {
    this.loop = this.run();
  }

  async close(): Promise<void> {
    this.stopping.abort();
    await this.loop;
  }

  private async run(): Promise<void> {
    const {signal} = this.stopping;
    while (!signal.aborted) {
      await this.look();
      await this.clock.sleep(LOOK_EVERY_MS, signal).catch(() => undefined);
    }
    // What was written until the end.
    await this.look();
    await this.file?.handle.close().catch(() => undefined);
  }

  private async look(): Promise<void> {
    try {
      if (this.file !== undefined) await this.read(this.file);
      await this.reopen();
      this.sink.trouble(undefined);
    } catch (error) {
      // A file that is moved away before the next one is there is no trouble: nothing is written meanwhile.
      if (this.file === undefined || codeOf(error) !== 'ENOENT') this.sink.trouble(whyNot(error));
    } finally {
      this.lookedFor = true;
    }
  }

  /** Opens the file that has the name now, where it is another one than the one that is open. */
  private async reopen(): Promise<void> {
    const path = await this.path();
    if (path === undefined) throw Object.assign(new Error('no file'), {code: 'ENOENT'});
    if ((await stat(path, {bigint: true})).ino === this.file?.inode) return;
    // Without waiting: to open a pipe that nobody writes to would hang.
    const handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const before = this.file;
    const stats = await handle.stat({bigint: true});
    if (!stats.isFile()) {
      await handle.close();
      throw Object.assign(new Error('no regular file'), {code: 'it is no regular file'});
    }
    if (before !== undefined) await this.retire(before);
    this.file = {handle, inode: stats.ino, offset: this.lookedFor ? 0 : Number(stats.size)};
    await this.read(this.file);
  }

  /** Whoever wrote to the old file may have done so until just now. */
  private async retire(file: OpenFile): Promise<void> {
    await this.read(file).catch(() => undefined);
    await file.handle.close().catch(() => undefined);
  }

  private async read(file: OpenFile): Promise<void> {
    const size = (await file.handle.stat()).size;
    if (size < file.offset) file.offset = 0;
    if (size - file.offset > MOST_BEHIND) {
      this.sink.passed(size - file.offset - MOST_AT_ONCE);
      file.offset = size - MOST_AT_ONCE;
    }
    const end = Math.min(size, file.offset + MOST_AT_ONCE);
    while (file.offset < end) {
      const buffer = Buffer.alloc(Math.min(CHUNK, end - file.offset));
      const {bytesRead} = await file.handle.read(buffer, 0, buffer.length, file.offset);
      if (bytesRead === 0) return;
      file.offset += bytesRead;
      this.sink.write('file', buffer.subarray(0, bytesRead));
    }
  }
}
