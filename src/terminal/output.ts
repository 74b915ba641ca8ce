import type {ChalkInstance} from 'chalk';
import {describeError} from '../system/error.js';
import {withoutPasswords} from '../system/secrets.js';
import {finished, styleOf} from './style.js';

/** Somewhere to write. Writing never throws: a reader that went away, or a full disk, stops nothing. */
export interface Output {
  /** Lines for people. Whatever came from outside in them is made printable here, once, for everything that is told. */
  lines(lines: readonly string[]): void;
  /**
   * Text in a format of its own, which says how foreign text is written in it: JSON, a report, the frames of the live
   * view.
   */
  write(text: string): void;
  /** Resolves with the reason once something could not be written; nothing is written from then on. */
  readonly lost: Promise<string>;
  readonly isTTY: boolean;
  /** Width in columns; 80 where there is no terminal, or one that does not know its width. */
  readonly columns: number;
  readonly rows: number;
  /** Colours, or the same functions without any effect. */
  readonly style: ChalkInstance;
}

export type Environment = Readonly<Record<string, string | undefined>>;

/** Colours only on a terminal that has them; `NO_COLOR` wins over `FORCE_COLOR`, both over the guess. */
function colourLevel(isTTY: boolean, environment: Environment): 0 | 1 {
  if ((environment['NO_COLOR'] ?? '') !== '') return 0;
  const forced = environment['FORCE_COLOR'];
  if (forced !== undefined && forced !== '') return forced === '0' || forced === 'false' ? 0 : 1;
  return isTTY && environment['TERM'] !== 'dumb' ? 1 : 0;
}

/** An output over a stream of the process. Whatever is written goes through `redact` first. */
export function outputTo(
  stream: NodeJS.WriteStream,
  environment: Environment,
  redact: (text: string) => string = withoutPasswords,
): Output {
  let gone = false;
  let lose: (why: string) => void;
  const lost = new Promise<string>(resolve => (lose = resolve));
  const fail = (error: unknown) => {
    gone = true;
    lose(describeError(error));
  };
  const send = (text: string) => {
    if (gone) return;
    try {
      stream.write(text, error => {
        if (error) fail(error);
      });
    } catch (error) {
      fail(error);
    }
  };
  const isTTY = stream.isTTY && environment['TERM'] !== 'dumb';
  return {
    isTTY,
    lost,
    get columns() {
      return Math.max(20, (stream.isTTY && stream.columns) || 80);
    },
    get rows() {
      return Math.max(5, (stream.isTTY && stream.rows) || 24);
    },
    style: styleOf(colourLevel(isTTY, environment)),
    // Secrets are found in what came, before anything in it is made printable.
    lines: lines => send(textOf(lines.map(redact))),
    write: text => send(redact(text)),
  };
}

function textOf(lines: readonly string[]): string {
  return lines.map(line => `${finished(line)}\n`).join('');
}

/** An output that keeps everything, for tests and for `--quiet`. */
export function outputToText(size: {columns?: number; rows?: number; isTTY?: boolean} = {}): Output & {
  readonly text: () => string;
} {
  const parts: string[] = [];
  return {
    isTTY: size.isTTY ?? false,
    lost: new Promise(() => undefined),
    columns: size.columns ?? 80,
    rows: size.rows ?? 24,
    style: styleOf(0),
    lines: lines => void parts.push(textOf(lines)),
    write: text => void parts.push(text),
    text: () => parts.join(''),
  };
}
