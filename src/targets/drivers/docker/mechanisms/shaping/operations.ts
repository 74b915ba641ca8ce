import type {JsonObject} from '../../../../../quantities/json.js';
import type {Commands, Slot} from '../../../../linux/shaping/layout.js';
import {leftOf, readShown, standingOf} from '../../../../linux/shaping/reading.js';
import {aliasing, doing, reading, removing} from '../../../../linux/shaping/script.js';
import {
  flawOf,
  flipping,
  preparing,
  readLoss,
  removingLoss,
  type Loss,
  type Tables,
} from '../../../../linux/shaping/statistic.js';
import {heldQuestion, holding, releasing, type HeldUndo} from '../holding.js';
import {scripted, scriptedQuestion} from '../inside.js';
import {numberArgument, textArgument, type Operation, type ContainerQuestion} from '../operation.js';

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

function removingAll(args: JsonObject): string {
  const {loss, tables} = lossOf(args);
  return [...tables.map(name => removingLoss(loss, name)), 'true'].join('\n');
}

/** The helper container that stands for it, where a helper is the way in. */
function tagOf(args: JsonObject): string | undefined {
  return numberArgument(args, 'helperHoldMs') === undefined ? undefined : textArgument(args, 'tag');
}

function heldBy(undo: (args: JsonObject) => string): (args: JsonObject) => HeldUndo | undefined {
  return args => {
    const [tag, holdMs] = [tagOf(args), numberArgument(args, 'helperHoldMs')];
    return tag === undefined || holdMs === undefined ? undefined : {tag, undo: undo(args), holdMs};
  };
}

const removingSlots = (args: JsonObject) => removing(slotsOf(args));

const prepareShaping = scripted({
  isBound: true,
  script: (args, run) => [doing(commandsOf(args)), aliasing(slotsOf(args), signature(run)), 'true'].join('\n'),
});

const prepareLoss = scripted({
  isBound: true,
  script: (args, run) => {
    const {loss, tables} = lossOf(args);
    return ['set -e', ...tables.map(name => restoring(name, preparing(loss, name, signature(run))))].join('\n');
  },
});

const flipLoss = scripted({
  isBound: true,
  script: args => {
    const {loss, tables} = lossOf(args);
    return ['set -e', ...tables.map(name => restoring(name, flipping(loss)))].join('\n');
  },
});

export const operations: Readonly<Record<string, Operation>> = {
  'shaping.prepare': holding(prepareShaping, heldBy(removingSlots)),
  'shaping.flip': scripted({isBound: true, script: args => doing(commandsOf(args))}),
  'shaping.remove': releasing(scripted({isBound: false, script: removingSlots}), tagOf),
  'loss.prepare': holding(prepareLoss, heldBy(removingAll)),
  'loss.flip': flipLoss,
  'loss.remove': releasing(scripted({isBound: false, script: removingAll}), tagOf),
};

function saving(args: JsonObject): string {
  const {tables} = lossOf(args);
  return ['set -e', ...tables.map(name => `${name}-save -c -t filter`)].join('\n');
}

const isShaped = scriptedQuestion({
  script: args => reading(slotsOf(args)),
  judge: (stdout, args) => {
    const {isInForce, why, exercised, readings} = standingOf(readShown(stdout, slotsOf(args)), slotsOf(args));
    if (isInForce) return {state: 'in-force', readings, exercised};
    return {state: 'absent', readings, ...(why === undefined ? {} : {why})};
  },
});

const isShapingLeft = scriptedQuestion({
  script: args => reading(slotsOf(args)),
  judge: (stdout, args) => {
    const left = leftOf(readShown(stdout, slotsOf(args)), slotsOf(args));
    return {state: left.length > 0 ? 'in-force' : 'absent', readings: {left}};
  },
});

const isLosing = scriptedQuestion({
  script: saving,
  judge: (stdout, args) => {
    const {loss, tables} = lossOf(args);
    const {jumps, rules, thrown, lost} = readLoss(stdout, loss);
    const readings = {packets: thrown, lost};
    const why = flawOf(loss, tables, {jumps, rules});
    if (why === undefined) return {state: 'in-force', readings, exercised: thrown};
    return {state: 'absent', readings, why};
  },
});

const isLossLeft = scriptedQuestion({
  script: saving,
  judge: (stdout, args) => {
    const {jumps, chains} = readLoss(stdout, lossOf(args).loss);
    return {state: jumps + chains > 0 ? 'in-force' : 'absent', readings: {jumps, chains}};
  },
});

export const questions: Readonly<Record<string, ContainerQuestion>> = {
  'is-shaped': isShaped,
  'is-shaping-left': heldQuestion(isShapingLeft, tagOf),
  'is-losing': isLosing,
  'is-loss-left': heldQuestion(isLossLeft, tagOf),
};
