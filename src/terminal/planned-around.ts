import type {ChalkInstance} from 'chalk';
import type {AroundChange} from '../plan/around.js';
import type {Plan} from '../plan/plan.js';
import {formatDuration} from '../quantities/duration.js';
import type {JsonObject} from '../quantities/json.js';
import {changeJson, changeLines} from './planned-changes.js';

function head({step, timeoutMs}: AroundChange, style: ChalkInstance): string {
  return `  ${style.bold(step.name)} (at most ${formatDuration(timeoutMs)})`;
}

/** The commands before the run, each with its undo. */
export function preparationLines({around}: Plan, style: ChalkInstance): string[] {
  return around.prepare.flatMap(one => [head(one, style), ...changeLines(one.change, style)]);
}

/** The commands after the run. */
export function cleanupLines({around}: Plan, style: ChalkInstance): string[] {
  return around.cleanup.flatMap(one => {
    const {undo} = one.change;
    return [head(one, style), ...('op' in undo ? [`    do    ${undo.manual}`] : [])];
  });
}

/** Both as data; absent where the file has none. */
export function aroundJson({around: {prepare, cleanup}}: Plan): {
  readonly prepare?: readonly JsonObject[];
  readonly cleanup?: readonly JsonObject[];
} {
  const told = ({step, timeoutMs, change}: AroundChange): JsonObject => {
    const {do: does, undo} = changeJson(change);
    return step.kind === 'cleanup'
      ? {name: step.name, timeoutMs, do: 'op' in change.undo ? change.undo.manual : ''}
      : {name: step.name, timeoutMs, do: does ?? '', undo: undo ?? null};
  };
  return {
    ...(prepare.length === 0 ? {} : {prepare: prepare.map(told)}),
    ...(cleanup.length === 0 ? {} : {cleanup: cleanup.map(told)}),
  };
}
