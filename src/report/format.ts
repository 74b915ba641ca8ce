import type {Result} from '../verdict/result.js';

/** One way to tell a result, as `src/report/<name>/<name>.ts` exports it. */
export interface Format {
  /** Name of the file in the run folder. */
  readonly file: string;
  /** Its place where all formats are named: the lowest comes first. */
  readonly order: number;
  /** A pure function of the result. */
  render(result: Result): string;
}

/** A format under the name that the command line uses, as the registry holds it: loaded when it is asked for. */
export interface RegisteredFormat {
  readonly name: string;
  readonly file: string;
  /** Before its first report, where there is time. */
  load(): Promise<Format>;
  render(result: Result): Promise<string>;
}

export function registered(name: string, file: string, load: () => Promise<Format>): RegisteredFormat {
  return {name, file, load, render: async result => (await load()).render(result)};
}
