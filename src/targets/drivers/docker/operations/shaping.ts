import type {JsonObject} from '../../../../quantities/json.js';
import type {Commands, Slot} from '../traffic/layout.js';
import {leftOf, readShown, standingOf} from '../traffic/reading.js';
import {aliasing, doing, reading, removing} from '../traffic/script.js';
import {flipping, preparing, readLoss, removingLoss, type Loss, type Tables} from '../traffic/statistic.js';
import {scripted, scriptedQuestion} from './inside.js';
import type {Operation, Question} from './operation.js';

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

export const shapingOperations: Readonly<Record<string, Operation>> = {
  'shaping.prepare': scripted({
    isBound: true,
    script: (args, run) => [doing(commandsOf(args)), aliasing(slotsOf(args), signature(run)), 'true'].join('\n'),
  }),
  'shaping.flip': scripted({isBound: true, script: args => doing(commandsOf(args))}),
  'shaping.remove': scripted({isBound: false, script: args => removing(slotsOf(args))}),
  'loss.prepare': scripted({
    isBound: true,
    script: (args, run) => {
      const {loss, tables} = lossOf(args);
      return ['set -e', ...tables.map(name => restoring(name, preparing(loss, name, signature(run))))].join('\n');
    },
  }),
  'loss.flip': scripted({
    isBound: true,
    script: args => {
      const {loss, tables} = lossOf(args);
      return ['set -e', ...tables.map(name => restoring(name, flipping(loss)))].join('\n');
    },
  }),
  'loss.remove': scripted({
    isBound: false,
    script: args => {
      const {loss, tables} = lossOf(args);
      return [...tables.map(name => removingLoss(loss, name)), 'true'].join('\n');
    },
  }),
};

function saving(args: JsonObject): string {
  const {tables} = lossOf(args);
  return ['set -e', ...tables.map(name => `${name}-save -c -t filter`)].join('\n');
}

export const shapingQuestions: Readonly<Record<string, Question>> = {
  'is-shaped': scriptedQuestion({
    script: args => reading(slotsOf(args)),
    judge: (stdout, args) => {
      const {isInForce, why, exercised, readings} = standingOf(readShown(stdout, slotsOf(args)), slotsOf(args));
      if (isInForce) return {state: 'in-force', readings, exercised};
      return {state: 'absent', readings, ...(why === undefined ? {} : {why})};
    },
  }),
  'is-shaping-left': scriptedQuestion({
    script: args => reading(slotsOf(args)),
    judge: (stdout, args) => {
      const left = leftOf(readShown(stdout, slotsOf(args)), slotsOf(args));
      return {state: left.length > 0 ? 'in-force' : 'absent', readings: {left}};
    },
  }),
  'is-losing': scriptedQuestion({
    script: saving,
    judge: (stdout, args) => {
      const {loss, tables} = lossOf(args);
      const {jumps, chains, thrown, lost} = readLoss(stdout, loss);
      const readings = {jumps, chains, packets: thrown, lost};
      const wanted = loss.ways.length * loss.devices.length * tables.length;
      if (jumps === wanted) return {state: 'in-force', readings, exercised: thrown};
      return {state: 'absent', readings, why: `${jumps} of ${wanted} jumps into its chains are there`};
    },
  }),
  'is-loss-left': scriptedQuestion({
    script: saving,
    judge: (stdout, args) => {
      const {jumps, chains} = readLoss(stdout, lossOf(args).loss);
      return {state: jumps + chains > 0 ? 'in-force' : 'absent', readings: {jumps, chains}};
    },
  }),
};
