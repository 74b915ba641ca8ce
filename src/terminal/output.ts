import {Chalk, type ChalkInstance} from 'chalk';

/** Somewhere to write for people. Writing never throws: a reader that went away stops nothing. */
export interface Output {
  write(text: string): void;
  readonly isTTY: boolean;
  /** Width in columns; 80 where there is no terminal. */
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
  redact: (text: string) => string = text => text,
): Output {
  let gone = false;
  const isTTY = stream.isTTY && environment['TERM'] !== 'dumb';
  return {
    isTTY,
    get columns() {
      return Math.max(20, stream.isTTY ? stream.columns : 80);
    },
    get rows() {
      return Math.max(5, stream.isTTY ? stream.rows : 24);
    },
    style: new Chalk({level: colourLevel(isTTY, environment)}),
    write(text) {
      if (gone) return;
      try {
        stream.write(redact(text), error => {
          if (error) gone = true;
        });
      } catch {
        gone = true;
      }
    },
  };
}

/** An output that keeps everything, for tests and for `--quiet`. */
export function outputToText(size: {columns?: number; rows?: number; isTTY?: boolean} = {}): Output & {
  readonly text: () => string;
} {
  const parts: string[] = [];
  return {
    isTTY: size.isTTY ?? false,
    columns: size.columns ?? 80,
    rows: size.rows ?? 24,
    style: new Chalk({level: 0}),
    write: text => void parts.push(text),
    text: () => parts.join(''),
  };
}
