import type {JsonObject} from '../../../../quantities/json.js';
import {FiredrillError} from '../../../../system/error.js';
import type {Op, TargetRef} from '../../../contract.js';
import {dockerCommand} from '../engine/address.js';
import {inspectContainer, refOf, type ContainerView} from '../engine/container.js';
import type {Engine} from '../engine/engine.js';
import {messageOf} from '../engine/failures.js';
import {viewsOf} from '../engine/views.js';
import {VERSION} from './index.js';
import {quoteForShell} from '../../shell-words.js';

const DRAFT_LIMIT_MS = 15_000;

export function draftSignal(): AbortSignal {
  return AbortSignal.timeout(DRAFT_LIMIT_MS);
}

export function unsuitable(target: TargetRef, problem: string, hint?: string): FiredrillError {
  return new FiredrillError('TARGET_UNSUITABLE', `container \`${target.name}\` ${problem}`, {hint});
}

/** The container that a change is drafted for, as it runs now. Throws TARGET_UNSUITABLE when it does not run. */
export async function runningContainer(engine: Engine, target: TargetRef): Promise<ContainerView> {
  let view: ContainerView | 'gone';
  try {
    view = viewsOf(engine).take(target.object) ?? (await inspectContainer(engine, target.object, draftSignal()));
  } catch (error) {
    throw new FiredrillError('DRIVER_UNREACHABLE', `container \`${target.name}\` cannot be read: ${messageOf(error)}`, {
      cause: error,
    });
  }
  if (view === 'gone') throw unsuitable(target, 'no longer exists');
  if (!view.running || view.paused) {
    throw unsuitable(target, `is expected to run; it is \`${view.status}\``, 'Start it (or unpause it) first.');
  }
  return view;
}

/** Builds the operations of one change: all carry the same, fresh reference to the container. */
export class Draft {
  readonly ref: TargetRef;
  private readonly docker: string;

  constructor(engine: Engine, view: ContainerView) {
    this.ref = refOf(engine, view);
    this.docker = dockerCommand(engine.address);
  }

  op(op: string, args: JsonObject = {}): Op {
    return {op, v: VERSION, ref: this.ref, args};
  }

  /** A command that a person would type. */
  manual(...words: readonly string[]): string {
    return [this.docker, ...words.map(quoteForShell)].join(' ');
  }
}
