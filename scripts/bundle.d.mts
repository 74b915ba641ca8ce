import type {BuildOptions} from 'esbuild';

export const VALIDATE: string;
/** Processes of their own, each by a file in dist/. */
export const ENTRIES: Readonly<Record<string, string>>;
export const COMMON: BuildOptions & {readonly write: false};
