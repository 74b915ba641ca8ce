import type {Result} from '../verdict/result.js';

/** One way to tell a result, as `src/report/<name>/<name>.ts` exports it. */
export interface Format {
  /** Name of the file in the run folder. */
  readonly file: string;
  /** Its place where all formats are named: the lowest comes first. */
  readonly order: number;
  /** Written only when somebody asks for it by name. */
  readonly onRequest?: true;
  /** A pure function of the result. */
  render(result: Result): string;
}

/** A format under the name that the command line uses, as the registry holds it: loaded when it is asked for. */
export interface RegisteredFormat {
  readonly name: string;
  readonly file: string;
  readonly onRequest: boolean;
  /** Before its first report, where there is time. */
  load(): Promise<Format>;
  render(result: Result): Promise<string>;
}

export function registered(
  {name, file, onRequest}: Pick<RegisteredFormat, 'name' | 'file' | 'onRequest'>,
  load: () => Promise<Format>,
): RegisteredFormat {
  return {name, file, onRequest, load, render: async result => (await load()).render(result)};
}
