import type {BuildOptions} from 'esbuild';

export const VALIDATE: string;
/** Each becomes a file of its own in dist/. */
export const ENTRIES: {readonly cli: string; readonly commands: string; readonly guardian: string} & Readonly<
  Record<string, string>
>;
export const COMMON: BuildOptions & {readonly write: false};
