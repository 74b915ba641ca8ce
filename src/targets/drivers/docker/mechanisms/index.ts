import {observeQuestions} from './observe.js';
import type {Operation, ContainerQuestion} from './operation.js';
import {MECHANISMS} from './registry.generated.js';

/** Version of every operation's arguments; debts of another version are refused by name. */
export const VERSION = 1;

const OPERATIONS: ReadonlyMap<string, Operation> = new Map(
  MECHANISMS.flatMap(({operations}) => Object.entries(operations)),
);

const QUESTIONS: ReadonlyMap<string, ContainerQuestion> = new Map(
  [observeQuestions, ...MECHANISMS.map(({questions}) => questions)].flatMap(part => Object.entries(part)),
);

export function operationNamed(name: string): Operation | undefined {
  return OPERATIONS.get(name);
}

export function questionNamed(name: string): ContainerQuestion | undefined {
  return QUESTIONS.get(name);
}
