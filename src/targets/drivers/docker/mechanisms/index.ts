import {interposerOperations, interposerQuestions} from './interposer/operations.js';
import {descriptorOperations, descriptorQuestions} from './descriptors/operations.js';
import {diskExecOperations, diskExecQuestions} from './disk/exec-operations.js';
import {diskOperations, diskQuestions} from './disk/operations.js';
import {lifecycleOperations, lifecycleQuestions} from './lifecycle/operations.js';
import {networkOperations, networkQuestions} from './network/operations.js';
import {observeQuestions} from './observe.js';
import type {Operation, ContainerQuestion} from './operation.js';
import {processOperations, processQuestions} from './processes/operations.js';
import {partitionOperations, partitionQuestions} from './partition/operations.js';
import {resourceOperations, resourceQuestions} from './resources/operations.js';
import {shapingOperations, shapingQuestions} from './shaping/operations.js';
import {stressHelperOperations, stressHelperQuestions} from './stress/helper-operations.js';
import {stressOperations, stressQuestions} from './stress/operations.js';

/** Version of every operation's arguments; debts of another version are refused by name. */
export const VERSION = 1;

const OPERATIONS: ReadonlyMap<string, Operation> = new Map(
  Object.entries({
    ...lifecycleOperations,
    ...networkOperations,
    ...partitionOperations,
    ...resourceOperations,
    ...processOperations,
    ...interposerOperations,
    ...shapingOperations,
    ...stressOperations,
    ...stressHelperOperations,
    ...diskOperations,
    ...diskExecOperations,
    ...descriptorOperations,
  }),
);

const QUESTIONS: ReadonlyMap<string, ContainerQuestion> = new Map(
  Object.entries({
    ...lifecycleQuestions,
    ...networkQuestions,
    ...partitionQuestions,
    ...resourceQuestions,
    ...processQuestions,
    ...observeQuestions,
    ...interposerQuestions,
    ...shapingQuestions,
    ...stressQuestions,
    ...stressHelperQuestions,
    ...diskQuestions,
    ...diskExecQuestions,
    ...descriptorQuestions,
  }),
);

export function operationNamed(name: string): Operation | undefined {
  return OPERATIONS.get(name);
}

export function questionNamed(name: string): ContainerQuestion | undefined {
  return QUESTIONS.get(name);
}
