import {spawn, type ChildProcessWithoutNullStreams} from 'node:child_process';
import {randomBytes} from 'node:crypto';
import {endOf, killGroup} from '../../../../system/commands.js';
import {describeError} from '../../../../system/error.js';
import {TOOL_PATH} from '../../../linux/tools.js';
import {notRun, type Ran} from '../../../linux/entrance.js';

const MOST_OUTPUT = 4 << 20;

class ShellOutput {
  private text = '';
  private wake: () => void = () => undefined;

  constructor(private readonly mark: string) {}

  take(chunk: string): void {
    if (this.text.length < MOST_OUTPUT) this.text += chunk;
    else this.text = this.text.slice(-MOST_OUTPUT / 2) + chunk;
    this.wake();
  }

  /** Everything before the mark, and the word behind it on its line; waits for both. */
  async next(): Promise<{readonly before: string; readonly word: string}> {
    for (;;) {
      const at = this.text.indexOf(this.mark);
      const end = at < 0 ? -1 : this.text.indexOf('\n', at + 1);
      if (end >= 0) {
        const word = this.text.slice(at + this.mark.length, end).trim();
        const before = this.text.slice(0, at);
        this.text = this.text.slice(end + 1);
        return {before, word};
      }
      await new Promise<void>(resolve => {
        this.wake = resolve;
      });
    }
  }
}

/**
 * One `sh` that is fed command lines, one after the other. A random mark behind each keeps the outputs apart, and a
 * line that is not fed never runs: so a budget ends between two of them and never in the middle of one.
 */
export class Shell {
  private readonly child: ChildProcessWithoutNullStreams;
  private readonly mark = `\n${randomBytes(16).toString('hex')} `;
  private readonly out = new ShellOutput(this.mark);
  private readonly err = new ShellOutput(this.mark);
  private readonly ended: Promise<string>;

  constructor() {
    // Its own process group: the terminal's Ctrl-C must not hit what is half-way through a change.
    const child = spawn('sh', ['-s'], {detached: true, cwd: '/', env: {PATH: TOOL_PATH, LC_ALL: 'C'}});
    this.child = child;
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => this.out.take(chunk));
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => this.err.take(chunk));
    // A shell that has died says so by its end; the write that failed adds nothing.
    child.stdin.on('error', () => undefined);
    // Nobody may be left to read what a change says: that must not end it half-way.
    child.stdin.write("trap '' PIPE\n");
    this.ended = endOf(child).then(
      ({code, signal}) => `the shell ended (${signal ?? String(code)})`,
      (error: unknown) => `the shell cannot be started: ${describeError(error)}`,
    );
  }

  /** Runs one command line to its end. Never rejects. */
  async run(line: string): Promise<Ran> {
    const answer = `printf '\\n${this.mark.trim()} %s\\n' $code`;
    this.child.stdin.write(`${line} </dev/null\ncode=$?\n${answer}; ${answer} >&2\n`);
    const both = Promise.all([this.out.next(), this.err.next()]);
    const said = await Promise.race([both, this.ended]);
    if (typeof said === 'string') return notRun(said);
    const [out, err] = said;
    return {code: Number(out.word), stdout: out.before, stderr: err.before};
  }

  /** No further line follows: the shell ends behind the one it is at. */
  async close(): Promise<void> {
    this.child.stdin.end();
    await this.ended;
  }

  /** Lets it end by itself, without holding this process. */
  abandon(): void {
    this.child.stdin.end();
    this.child.unref();
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream.removeAllListeners('data');
      stream.destroy();
    }
  }

  /** Ends it and all that it started; only for reads. */
  async kill(): Promise<void> {
    killGroup(this.child);
    await this.ended;
  }
}
