import type {ChalkInstance} from 'chalk';
import type {JsonObject} from '../quantities/json.js';
import type {Change} from '../targets/contract.js';

const KEEPERS = {
  target: 'the target itself, when Firedrill is gone',
  guardian: 'the guardian process, when Firedrill is gone',
} as const;

/** A change with its undo and who holds its deadline. */
export function changeLines({summary, undo, keeper, owes}: Change, style: ChalkInstance): string[] {
  if ('irreversible' in undo) return [`    do    ${summary}`, style.red(`    undo  none: ${undo.irreversible}`)];
  if ('left' in undo) return [`    do    ${summary}`, `    then  ${undo.left}`];
  // What is owed instead has lines of its own.
  if ('broughtBack' in undo) return [`    do    ${summary}`];
  if (owes === true && 'op' in undo) return [`    then  ${undo.manual}`, style.dim(`    held  ${KEEPERS[keeper]}`)];
  if ('nothing' in undo) return [`    do    ${summary}`, `    undo  nothing to undo: ${undo.nothing}`];
  return [`    do    ${summary}`, `    undo  ${undo.manual}`, style.dim(`    held  ${KEEPERS[keeper]}`)];
}

/** The same as data. */
export function changeJson(change: Change): JsonObject {
  const {target, summary, undo, keeper, claims, touches} = change;
  const back: JsonObject = 'op' in undo ? {op: undo.op, manual: undo.manual} : {...undo};
  return {target: target.name, do: summary, undo: back, keeper, claims: [...claims], touches: [...touches]};
}
