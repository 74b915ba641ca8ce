import type {LogStream, TargetRef} from '../../../contract.js';
import type {Engine} from './engine.js';
import {messageOf, statusOf} from './failures.js';

const HEADER = 8;
const STDERR = 2;
/** The engine's time at the beginning of each line, RFC 3339 with up to nine digits. */
const TIME = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d{1,9})?Z ?/;
/** Bytes in which such a time stands. */
const TIME_WITHIN = 40;

interface Piece {
  readonly output: string;
  readonly bytes: Buffer;
}

/**
 * Cuts what the engine multiplexes into its pieces: 8 bytes of header (output, length), then a line, or a part of one
 * that is longer than the engine's own buffer.
 */
async function* pieces(stream: AsyncIterable<Buffer>): AsyncIterable<Piece> {
  let rest = Buffer.alloc(0);
  for await (const chunk of stream) {
    rest = rest.length === 0 ? Buffer.from(chunk) : Buffer.concat([rest, chunk]);
    let at = 0;
    for (; at + HEADER <= rest.length;) {
      const end = at + HEADER + rest.readUInt32BE(at + 4);
      if (end > rest.length) break;
      yield {output: rest[at] === STDERR ? 'stderr' : 'stdout', bytes: rest.subarray(at + HEADER, end)};
      at = end;
    }
    rest = rest.subarray(at);
  }
}

/** A terminal has one output, and no headers: lines are cut as they come. */
async function* linesOf(stream: AsyncIterable<Buffer>): AsyncIterable<Piece> {
  let rest = Buffer.alloc(0);
  for await (const chunk of stream) {
    rest = rest.length === 0 ? Buffer.from(chunk) : Buffer.concat([rest, chunk]);
    const end = rest.lastIndexOf(10) + 1;
    for (let at = 0; at < end;) {
      const next = rest.indexOf(10, at) + 1;
      yield {output: 'terminal', bytes: rest.subarray(at, next)};
      at = next;
    }
    rest = rest.subarray(end);
    // A line without an end is told in parts.
    if (rest.length > MOST_OPEN) {
      yield {output: 'terminal', bytes: rest};
      rest = Buffer.alloc(0);
    }
  }
}

const MOST_OPEN = 256 * 1024;

/** A container's log by its engine. Its own times are used to go on where it ended, and are not part of the lines. */
class ContainerLog implements LogStream {
  /** The engine's time of the last line, as it takes it: seconds with nine digits; undefined: nothing was told yet. */
  private last: {readonly seconds: number; readonly nanos: number} | undefined;
  private begun = false;

  constructor(
    private readonly engine: Engine,
    private readonly ref: TargetRef,
  ) {}

  async follow({write, opened}: Parameters<LogStream['follow']>[0], signal: AbortSignal): Promise<void> {
    const container = this.engine.docker.getContainer(this.ref.object);
    let stream: (AsyncIterable<Buffer> & {destroy(): void}) | undefined;
    const cut = () => stream?.destroy();
    try {
      const shown = (await this.engine.read(abortSignal => container.inspect({abortSignal}), signal)) as Shown;
      const options = {...OUTPUTS, ...this.from(), abortSignal: signal};
      stream = await this.engine.logs.getContainer(this.ref.object).logs(options);
      this.begun = true;
      signal.addEventListener('abort', cut, {once: true});
      opened();
      const read = shown.Config?.Tty === true ? linesOf(stream) : pieces(stream);
      for await (const {output, bytes} of read) write(`${this.ref.name} ${output}`, this.withoutTime(bytes));
    } catch (error) {
      if (signal.aborted) return;
      throw new Error(`the log of ${this.ref.name}: ${whyNot(error)}`, {cause: error});
    } finally {
      signal.removeEventListener('abort', cut);
      stream?.destroy();
    }
  }

  /** At first from its end; then from behind the last line that was told, or else since it was first asked for. */
  private from(): {readonly since: number | string; readonly tail: number | 'all'} {
    if (!this.begun) {
      const {latest} = this.engine.time();
      const seconds = Math.floor(latest / 1000);
      if (Number.isFinite(latest)) this.last = {seconds, nanos: Math.floor((latest - seconds * 1000) * 1e6)};
      return {since: 0, tail: 0};
    }
    if (this.last === undefined) return {since: 0, tail: 0};
    const {seconds, nanos} = this.last;
    const next = nanos + 1;
    const [s, n] = next === 1e9 ? [seconds + 1, 0] : [seconds, next];
    return {since: `${s}.${String(n).padStart(9, '0')}`, tail: 'all'};
  }

  private withoutTime(bytes: Buffer): Buffer {
    const found = TIME.exec(bytes.toString('latin1', 0, TIME_WITHIN));
    if (found === null) return bytes;
    const [all, second = '', fraction = '.0'] = found;
    this.last = {seconds: Date.parse(`${second}Z`) / 1000, nanos: Number(fraction.slice(1).padEnd(9, '0'))};
    return bytes.subarray(all.length);
  }
}

interface Shown {
  readonly Config?: {readonly Tty?: boolean};
}

const OUTPUTS = {follow: true, stdout: true, stderr: true, timestamps: true} as const;

/** 501 and its like: the container's log driver keeps nothing that could be read. */
function whyNot(error: unknown): string {
  const message = messageOf(error);
  if (statusOf(error) === 404) return 'the container is gone';
  return /does not support reading/i.test(message)
    ? 'its log driver cannot be read (`docker logs` cannot, either)'
    : message;
}

/** What a container writes. */
export function containerLog(engine: Engine, ref: TargetRef): LogStream {
  return new ContainerLog(engine, ref);
}
