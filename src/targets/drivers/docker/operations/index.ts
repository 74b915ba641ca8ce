import {interposerOperations, interposerQuestions} from './interposer.js';
import {lifecycleOperations, lifecycleQuestions} from './lifecycle.js';
import {networkOperations, networkQuestions} from './network.js';
import {observeQuestions} from './observe.js';
import type {Operation, Question} from './operation.js';
import {resourceOperations, resourceQuestions} from './resources.js';

/** Version of every operation's arguments; debts of another version are refused by name. */
export const VERSION = 1;

const OPERATIONS: ReadonlyMap<string, Operation> = new Map(
  Object.entries({...lifecycleOperations, ...networkOperations, ...resourceOperations, ...interposerOperations}),
);

const QUESTIONS: ReadonlyMap<string, Question> = new Map(
  Object.entries({
    ...lifecycleQuestions,
    ...networkQuestions,
    ...resourceQuestions,
    ...observeQuestions,
    ...interposerQuestions,
  }),
);

export function operationNamed(name: string): Operation | undefined {
  return OPERATIONS.get(name);
}

export function questionNamed(name: string): Question | undefined {
  return QUESTIONS.get(name);
}
