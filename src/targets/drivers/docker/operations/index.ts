import {interposerOperations, interposerQuestions} from './interposer.js';
import {descriptorOperations, descriptorQuestions} from './descriptors.js';
import {diskExecOperations, diskExecQuestions} from './disk-exec.js';
import {diskOperations, diskQuestions} from './disk.js';
import {lifecycleOperations, lifecycleQuestions} from './lifecycle.js';
import {networkOperations, networkQuestions} from './network.js';
import {observeQuestions} from './observe.js';
import type {Operation, Question} from './operation.js';
import {processOperations, processQuestions} from './processes.js';
import {partitionOperations, partitionQuestions} from './partition.js';
import {resourceOperations, resourceQuestions} from './resources.js';
import {shapingOperations, shapingQuestions} from './shaping.js';
import {stressHelperOperations, stressHelperQuestions} from './stress-helper.js';
import {stressOperations, stressQuestions} from './stress.js';

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

const QUESTIONS: ReadonlyMap<string, Question> = new Map(
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

export function questionNamed(name: string): Question | undefined {
  return QUESTIONS.get(name);
}
