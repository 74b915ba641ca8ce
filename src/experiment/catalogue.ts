import type * as z from 'zod';
import type {JsonObject} from '../quantities/json.js';
import type {ValueRange} from '../quantities/range.js';
import type {Unit} from '../quantities/unit.js';
import type {ProbeTraits} from '../signals/traits.js';
import type {Kind} from '../targets/target.js';

/**
 * What the catalogue (generated from the folders) knows of a fault. The schema is built when a file names the fault.
 */
export interface FaultEntry {
  readonly summary: string;
  readonly nature: 'state' | 'event';
  /** At least one; no two hit the same kind of target. */
  readonly forms: readonly FormEntry[];
  readonly targetsNamed?: (parameters: JsonObject) => readonly TargetNamed[];
}

/**
 * A target of the file that parameters refer to, and where in the block. `hit`: it must be a target of the fault too.
 */
export interface TargetNamed {
  readonly path: readonly (string | number)[];
  readonly name: string;
  readonly hit?: boolean;
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
  /** Which values the number can have when a read may take so long, ms. */
  readonly rangeOf: (parameters: JsonObject, timeoutMs: number) => ValueRange;
  /** What holds of it beside; of few probes. */
  readonly traits?: ProbeTraits;
}

export interface SelectorEntry {
  readonly selector: () => z.ZodType;
  /** What it can resolve to at all. */
  readonly kinds: readonly Kind[];
  /** Where the selector, as it was normalised, decides among them. */
  readonly kindsOf?: (selector: JsonObject) => readonly Kind[];
}
