import type {Event} from '../record/events.js';
import type {Observer} from '../record/observer.js';
import type {LoadSecond, Sample} from '../signals/contract.js';
import type {Clock} from '../system/clock.js';
import {drawFrame} from './frame.js';
import {LiveState} from './live-state.js';
import type {Output} from './output.js';
import {finished} from './style.js';

const FRAME_MS = 250;
const HIDE_CURSOR = '\u001b[?25l';
const SHOW_CURSOR = '\u001b[?25h';
const CLEAR_LINE = '\u001b[K';
const CLEAR_BELOW = '\u001b[J';

/**
 * The screen of a run on a terminal: redrawn in place four times a second and only where lines changed, so that nothing
 * flickers. `close` leaves the last frame standing and gives the cursor back.
 */
export class LiveView implements Observer, Disposable {
  private readonly state = new LiveState();
  private timer: NodeJS.Timeout | undefined;
  private shown: readonly string[] = [];
  private width = 0;

  constructor(
    private readonly output: Output,
    private readonly clock: Pick<Clock, 'mono'>,
  ) {}

  event(event: Event): void {
    this.state.event(event);
    if (event.type === 'run.started') {
      this.output.write(HIDE_CURSOR);
      this.timer = setInterval(() => this.draw(), FRAME_MS);
      this.timer.unref();
    }
    if (event.type !== 'series.opened') this.draw();
    if (event.type === 'run.ended') this.close();
  }

  sample(series: number, sample: Sample): void {
    this.state.sample(series, sample);
  }

  second(second: LoadSecond): void {
    this.state.second(second);
  }

  private draw(): void {
    const {columns, rows, style} = this.output;
    const lines = drawFrame(this.state, {now: this.clock.mono(), columns, rows, style}).map(finished);
    // After a resize the terminal has reflowed the old lines: what is above is no longer known, so start afresh below.
    const resized = this.width !== columns && this.shown.length > 0;
    const up = resized ? '\u001b[H\u001b[2J' : this.shown.length > 0 ? `\u001b[${this.shown.length}A` : '';
    const previous = resized ? [] : this.shown;
    const body = lines.map((line, i) => (line === previous[i] ? '\n' : `\r${line}${CLEAR_LINE}\n`)).join('');
    this.output.write(`${up}${body}${CLEAR_BELOW}`);
    this.shown = lines;
    this.width = columns;
  }

  close(): void {
    if (this.timer === undefined) return;
    clearInterval(this.timer);
    this.timer = undefined;
    this.output.write(SHOW_CURSOR);
  }

  [Symbol.dispose](): void {
    this.close();
  }
}
