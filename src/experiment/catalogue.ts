import type {z} from 'zod';
import type {JsonObject} from '../quantities/json.js';
import type {Unit} from '../quantities/unit.js';

/** What the catalogue (generated from the folders) knows of a fault. The schema is built when a file names the fault. */
export interface FaultEntry {
  readonly summary: string;
  readonly nature: 'state' | 'event';
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
