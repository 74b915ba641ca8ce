import type {JsonObject} from '../../../quantities/json.js';
import type {ScriptedChange, ScriptedQuestion} from '../entrance.js';
import type {Commands, Slot} from './layout.js';
import {leftOf, readShown, standingOf} from './reading.js';
import {aliasing, doing, reading, removing} from './script.js';
import {flawOf, flipping, preparing, readLoss, removingLoss, type Loss, type Tables} from './statistic.js';

/** Shaping and loss of packets by the arguments of operations, through whatever entrance there is to the target. */

const NOTHING: Commands = {ip: [], tc: []};

/** The arguments were written by our own drafts, and their version was compared. */
function slotsOf(args: JsonObject): readonly Slot[] {
  return (args['slots'] ?? []) as unknown as readonly Slot[];
}

function commandsOf(args: JsonObject): Commands {
  return (args['commands'] ?? NOTHING) as unknown as Commands;
}

function lossOf(args: JsonObject): {readonly loss: Loss; readonly tables: readonly Tables[]} {
  return args as unknown as {readonly loss: Loss; readonly tables: readonly Tables[]};
}

/** What is written beside the things that can carry a word. */
function signature(run: string): string {
  return `firedrill run ${run}`;
}

function restoring(tables: Tables, rules: string): string {
  return `${tables}-restore -w 5 --noflush <<'FIREDRILL'\n${rules}FIREDRILL`;
}

/** Takes the rules and chains away. */
export function removingAll(args: JsonObject): string {
  const {loss, tables} = lossOf(args);
  return [...tables.map(name => removingLoss(loss, name)), 'true'].join('\n');
}

/** Undoes what is in the slots, half-done or not. */
export const removingSlots = (args: JsonObject) => removing(slotsOf(args));

/** Everything that is slow and has no effect yet. */
export const prepareShaping: ScriptedChange = {
  isBound: true,
  script: (args, run) => [doing(commandsOf(args)), aliasing(slotsOf(args), signature(run)), 'true'].join('\n'),
};

/** The chains, which nothing goes through yet. */
export const prepareLoss: ScriptedChange = {
  isBound: true,
  script: (args, run) => {
    const {loss, tables} = lossOf(args);
    return ['set -e', ...tables.map(name => restoring(name, preparing(loss, name, signature(run))))].join('\n');
  },
};

/** Sends the packets through the chains. */
export const flipLoss: ScriptedChange = {
  isBound: true,
  script: args => {
    const {loss, tables} = lossOf(args);
    return ['set -e', ...tables.map(name => restoring(name, flipping(loss)))].join('\n');
  },
};

function saving(args: JsonObject): string {
  const {tables} = lossOf(args);
  return ['set -e', ...tables.map(name => `${name}-save -c -t filter`)].join('\n');
}

export const isShaped: ScriptedQuestion = {
  script: args => reading(slotsOf(args)),
  judge: (stdout, args) => {
    const {isInForce, why, exercised, readings} = standingOf(readShown(stdout, slotsOf(args)), slotsOf(args));
    if (isInForce) return {state: 'in-force', readings, exercised};
    return {state: 'absent', readings, ...(why === undefined ? {} : {why})};
  },
};

export const isShapingLeft: ScriptedQuestion = {
  script: args => reading(slotsOf(args)),
  judge: (stdout, args) => {
    const left = leftOf(readShown(stdout, slotsOf(args)), slotsOf(args));
    return {state: left.length > 0 ? 'in-force' : 'absent', readings: {left}};
  },
};

export const isLosing: ScriptedQuestion = {
  script: saving,
  judge: (stdout, args) => {
    const {loss, tables} = lossOf(args);
    const {jumps, rules, thrown, lost} = readLoss(stdout, loss);
    const readings = {packets: thrown, lost};
    const why = flawOf(loss, tables, {jumps, rules});
    if (why === undefined) return {state: 'in-force', readings, exercised: thrown};
    return {state: 'absent', readings, why};
  },
};

export const isLossLeft: ScriptedQuestion = {
  script: saving,
  judge: (stdout, args) => {
    const {jumps, chains} = readLoss(stdout, lossOf(args).loss);
    return {state: jumps + chains > 0 ? 'in-force' : 'absent', readings: {jumps, chains}};
  },
};

export const flipShaping: ScriptedChange = {isBound: true, script: args => doing(commandsOf(args))};
