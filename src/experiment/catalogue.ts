import type {z} from 'zod';
import type {JsonObject} from '../quantities/json.js';
import type {Unit} from '../quantities/unit.js';

/** What the catalogue (generated from the folders) knows of a fault. The schema is built when a file names the fault. */
export interface FaultEntry {
  readonly summary: string;
  readonly nature: 'state' | 'event';
  /** At least one; no two hit the same kind of target. */
  readonly forms: readonly FormEntry[];
  /** Names of targets of the file that the parameters refer to, with where in the block they stand. */
  readonly targetsNamed?: (parameters: JsonObject) => readonly {path: readonly (string | number)[]; name: string}[];
}

/** What a fault takes on some kinds of target. */
export interface FormEntry {
  readonly hits: readonly string[];
  readonly parameters: () => z.ZodType;
}

export interface ProbeEntry {
  readonly summary: string;
  readonly parameters: () => z.ZodType;
  /** From the normalised parameters. */
  readonly unitOf: (parameters: JsonObject) => Unit;
  readonly worseOf: (parameters: JsonObject) => 'higher' | 'lower' | 'either';
}

export interface SelectorEntry {
  readonly selector: () => z.ZodType;
}
