import type {JsonObject} from '../../../../../quantities/json.js';
import {
  flipLoss,
  flipShaping,
  isLosing,
  isLossLeft,
  isShaped,
  isShapingLeft,
  prepareLoss,
  prepareShaping,
  removingAll,
  removingSlots,
} from '../../../../linux/shaping/changes.js';
import {heldQuestion, holding, releasing, type HeldUndo} from '../holding.js';
import {scripted, scriptedQuestion} from '../inside.js';
import {numberArgument, textArgument, type Operation, type ContainerQuestion} from '../operation.js';

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

export const operations: Readonly<Record<string, Operation>> = {
  'shaping.prepare': holding(scripted(prepareShaping), heldBy(removingSlots)),
  'shaping.flip': scripted(flipShaping),
  'shaping.remove': releasing(scripted({isBound: false, script: removingSlots}), tagOf),
  'loss.prepare': holding(scripted(prepareLoss), heldBy(removingAll)),
  'loss.flip': scripted(flipLoss),
  'loss.remove': releasing(scripted({isBound: false, script: removingAll}), tagOf),
};

export const questions: Readonly<Record<string, ContainerQuestion>> = {
  'is-shaped': scriptedQuestion(isShaped),
  'is-shaping-left': heldQuestion(scriptedQuestion(isShapingLeft), tagOf),
  'is-losing': scriptedQuestion(isLosing),
  'is-loss-left': heldQuestion(scriptedQuestion(isLossLeft), tagOf),
};
