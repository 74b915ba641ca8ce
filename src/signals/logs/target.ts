import type {Clock} from '../../system/clock.js';
import {describeError} from '../../system/error.js';
import type {LogStream} from '../../targets/contract.js';
import {noValue} from '../missing.js';
import type {LogSink, LogSource} from './source.js';

/** How long to wait before a log that has ended (its container stopped, the engine went away) is asked for again. */
const AGAIN_MS = 500;

/** Follows what a target writes, through whoever keeps it; goes on where it ended when the target is started again. */
export class StreamSource implements LogSource {
  private readonly stopping = new AbortController();
  private readonly loop: Promise<void>;

  constructor(
    private readonly stream: LogStream,
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
    const write = (output: string, bytes: Buffer) => {
      this.sink.trouble(undefined);
      this.sink.write(output, bytes);
    };
    while (!signal.aborted) {
      try {
        await this.stream.follow({write, opened: () => this.sink.trouble(undefined)}, signal);
      } catch (error) {
        this.sink.trouble(noValue('between', describeError(error)));
      }
      await this.clock.sleep(AGAIN_MS, signal).catch(() => undefined);
    }
  }
}
