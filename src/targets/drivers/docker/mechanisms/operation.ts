import {isDeepStrictEqual} from 'node:util';
import type {Json, JsonObject} from '../../../../quantities/json.js';
import type {Op, ProofAnswer} from '../../../contract.js';
import type {ContainerView} from '../engine/container.js';
import type {Engine} from '../engine/engine.js';
import type {MutationOutcome} from '../engine/failures.js';

/** What bounds and accompanies a mutation. */
export interface Sending {
  /** Bounds the wait for the answer, never the mutation. */
  readonly budgetMs: number;
  /** The run that does it, to be written beside what is put into the world where that can be. */
  readonly run: string;
}

/**
 * One thing the driver can do to a container. The names and arguments are kept in debts: they only ever change with
 * `v`.
 */
export interface Operation {
  /**
   * Why it must not be sent now, judged on the container as it is; asked only where sending could hit the wrong thing.
   */
  readonly guard?: (view: ContainerView, args: JsonObject) => string | undefined;
  send(engine: Engine, op: Op, sending: Sending): Promise<MutationOutcome>;
  /** For many containers at once, all ops of this name; one outcome each, in order. */
  readonly sendAll?: (engine: Engine, ops: readonly Op[], sending: Sending) => Promise<readonly MutationOutcome[]>;
  /** Where the target's side keeps a deadline for what this undoes: pushes it out to `ms` from now. */
  readonly renew?: (engine: Engine, ops: readonly Op[], ms: number, sending: Sending) => Promise<void>;
  /** Whether an inspect of the container shows that it happened: decides when the answer was lost. */
  readonly landed?: (view: ContainerView, args: JsonObject) => boolean;
  /** The engine refuses it, unharmed, where there is nothing to undo: no look beforehand is needed. */
  readonly refusedWhenDone?: boolean;
  /**
   * What it undoes may be left when the container is gone (on a volume, among the host's processes): look then, too.
   */
  readonly outlives?: boolean;
  /** What is not as before although it is undone: told with the settlement. Undefined where all is. */
  readonly remark?: (engine: Engine, op: Op, signal: AbortSignal) => Promise<string | undefined>;
  /** For undos with `restore`: the value as it is now, in the form of `was` and `ours`. */
  readonly value?: (view: ContainerView, args: JsonObject) => Json;
}

/** What an operations file in a folder of a mechanism exports; the generator finds it. */
export interface Mechanism {
  readonly operations: Readonly<Record<string, Operation>>;
  readonly questions: Readonly<Record<string, ContainerQuestion>>;
}

/** About one container: what it shows now, and what the question says about it. */
export interface AskedContainer {
  readonly view: ContainerView | 'gone';
  readonly args: JsonObject;
}

/** A read-only question about one container. */
export interface ContainerQuestion {
  (asked: AskedContainer & {readonly engine: Engine; readonly signal: AbortSignal}): Promise<ProofAnswer> | ProofAnswer;
  /** Where the state that a list shows (`running`, `paused`, …; `gone`) answers it, for many with one request. */
  readonly byState?: (state: string) => ProofAnswer;
  /** The same about many containers at once; one answer each, in order. */
  readonly askAll?: (
    engine: Engine,
    asked: readonly AskedContainer[],
    signal: AbortSignal,
  ) => Promise<readonly ProofAnswer[]>;
}

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
