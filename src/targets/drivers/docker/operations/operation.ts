import {isDeepStrictEqual} from 'node:util';
import type {Json, JsonObject} from '../../../../quantities/json.js';
import type {Op, Proof} from '../../../contract.js';
import type {ContainerView} from '../container.js';
import type {Engine} from '../engine.js';
import type {Outcome} from '../failures.js';

/** One thing the driver can do to a container. The names and arguments are kept in debts: they only ever change with `v`. */
export interface Operation {
  /** Why it must not be sent now, judged on the container as it is; asked only where sending could hit the wrong thing. */
  readonly guard?: (view: ContainerView, args: JsonObject) => string | undefined;
  /** Sends it; `budgetMs` bounds the wait for the answer, never the mutation. */
  send(engine: Engine, op: Op, budgetMs: number): Promise<Outcome>;
  /** Whether the container shows that it happened: decides when the answer was lost. */
  landed(view: ContainerView, args: JsonObject): boolean;
  /** The engine refuses it, unharmed, where there is nothing to undo: no look beforehand is needed. */
  readonly refusedWhenDone?: boolean;
  /** For undos with `restore`: the value as it is now, in the form of `was` and `ours`. */
  readonly value?: (view: ContainerView, args: JsonObject) => Json;
}

/** A read-only question about one container. */
export type Question = (asked: {
  readonly engine: Engine;
  readonly view: ContainerView | 'gone';
  readonly args: JsonObject;
  readonly signal: AbortSignal;
}) => Promise<Answer> | Answer;

export type Answer = Pick<Proof, 'state' | 'readings'> & {readonly exercised?: number | null; readonly why?: string};

export function textArgument(args: JsonObject, name: string): string {
  const value = args[name];
  return typeof value === 'string' ? value : '';
}

export function numberArgument(args: JsonObject, name: string): number | undefined {
  const value = args[name];
  return typeof value === 'number' ? value : undefined;
}

/** Values that went through JSON compare by content. */
export function sameValue(a: Json, b: Json): boolean {
  return isDeepStrictEqual(a, b);
}
