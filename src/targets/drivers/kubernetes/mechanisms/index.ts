import {OPS} from '../ops.js';
import {deletion} from './delete/operations.js';
import {observe} from './observe.js';
import type {Flip, ClusterQuestion, Undoing} from './operation.js';
import {scaling} from './scale/operations.js';

const named = <T>(...parts: readonly Readonly<Record<string, T>>[]): ReadonlyMap<string, T> =>
  new Map(parts.flatMap(part => Object.entries(part)));

/** What the driver can do, prove and undo, by the names that debts keep. */
export const FLIPS = named<Flip>(deletion.flips, scaling.flips);
export const QUESTIONS = named<ClusterQuestion>(deletion.questions, scaling.questions, {[OPS.observe]: observe});
export const UNDOS = named<Undoing>(deletion.undos, scaling.undos);
