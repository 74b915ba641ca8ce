import type {JsonObject} from '../../../quantities/json.js';
import {systemClock} from '../../../system/clock.js';
import {FiredrillError} from '../../../system/error.js';
import {machineId} from '../../../system/processes.js';
import type {
  Actuator,
  Ambient,
  AuthorAction,
  Candidate,
  Change,
  Drafts,
  DriverFolder,
  Fence,
  Op,
  Reader,
  TargetRef,
} from '../../contract.js';
import type {Reads} from '../../settling/standing.js';
import {localActuator} from '../local-actuator.js';
import {hashOf, openLocalMarks} from '../local-marks.js';
import {commandForShell} from '../shell-words.js';
import {ARRIVES_MS, perform, readProof, VERSION} from './operations.js';
import {curlOf, isRequest} from './requests.js';
import {forgetProgress} from './runs.js';

/** Commands and requests of the author, from this machine, for a target of any driver. */
export const driver: DriverFolder = {
  name: 'command',
  kinds: ['host'],
  reference: {title: 'this machine', frame: ['shop.base.yaml', 'shop-direct.base.yaml']},
  version: VERSION,
  address: () => ({}),
  reader: (_address, ambient) => Promise.resolve(commandReader(ambient)),
  actuator: (_address, fence, ambient) => Promise.resolve(commandActuator(fence, ambient)),
};

/** The one target of this driver: what names none is about it. */
const HOST = 'host';

function host(): Candidate {
  const endpoint = machineId();
  const ref = {
    driver: 'command',
    kind: 'host',
    name: 'this machine',
    endpoint,
    object: HOST,
    incarnation: endpoint,
  } as const;
  return {ref, status: 'running', details: {}};
}

function commandReader(ambient: Ambient): Reader {
  const at = {ambient, clock: systemClock()};
  const marks = openLocalMarks(ambient.stateDir, 'command');
  return {
    endpoint: machineId(),
    drafts: {
      author: {
        act: (t, actions) => Promise.resolve(draft(t, actions)),
        owe: (t, commands) => Promise.resolve(owe(t, commands)),
      },
    },
    // There is one host; `{object}` may only name that.
    resolve: ({object}) => Promise.resolve(object === undefined || object === HOST ? [host()] : []),
    ask: ({name}) =>
      Promise.reject(
        new FiredrillError(
          'CAPABILITY_MISSING',
          `\`where\` cannot ask \`${name}\`: expected a container, pod or process.`,
        ),
      ),
    prove: (proofs, signal) => Promise.all(proofs.map(proof => readProof(proof, at, signal))),
    facets: refs => Promise.resolve(Object.fromEntries(refs.map(ref => [ref.object, {}]))),
    debts: run => marks.debts(run),
    unreadable: () => marks.unreadable(),
    stopRequested: run => marks.stopRequested(run),
    problems: () => Promise.resolve([]),
    close: () => Promise.resolve(),
  };
}

function commandActuator(fence: Fence, ambient: Ambient): Actuator {
  const clock = systemClock();
  const marks = openLocalMarks(ambient.stateDir, 'command');
  const reads: Reads = {exists: () => Promise.resolve(true), prove: op => readProof(op, {ambient, clock})};
  return localActuator({
    driver: `command@${VERSION}`,
    endpoint: machineId(),
    fence,
    clock,
    marks,
    reads: () => reads,
    perform: (op, {budgetMs, cut}) => perform(op, {ambient, budgetMs, cut}),
    unmarked: async ({undo}) => {
      const {object} = undo.ref;
      // How far the commands got matters only while somebody owes their undo.
      const stillOwed = (await marks.debts(undefined)).some(owed => owed.undo.ref.object === object);
      if (!stillOwed) await forgetProgress(object, ambient);
    },
  });
}

type DraftedActions = Parameters<Drafts['author']['act']>[1];

/** What the commands for a target are about: the target, or nothing but a step of the run itself. */
function subjectOf(t: TargetRef, actions: readonly (AuthorAction | {nothing: string} | null)[]) {
  const endpoint = machineId();
  const object = `command:${hashOf(JSON.stringify([t.driver, t.endpoint, t.object, ...actions]))}`;
  const ref: TargetRef = {driver: 'command', kind: 'host', name: t.name, endpoint, object, incarnation: endpoint};
  const isStep = t.driver === 'command' && t.object !== HOST;
  const variables: JsonObject = isStep ? {} : {FIREDRILL_TARGET_NAME: t.name, FIREDRILL_TARGET_ID: t.object};
  const op = (name: string, args: JsonObject, lastsMs?: number): Op => {
    return {op: `command.${name}`, v: VERSION, ref, args, ...(lastsMs === undefined ? {} : {lastsMs})};
  };
  return {ref, op, variables, forWhom: isStep ? '' : ` for ${t.name}`};
}

const asJson = (action: AuthorAction) => action as unknown as JsonObject;

/** Everything that a fresh process needs is in the arguments; secrets stay references. */
function draft(t: TargetRef, {do: act, undo, proof}: DraftedActions): Change {
  const {ref, op, variables, forWhom} = subjectOf(t, [act, undo ?? null]);
  const proofArgs: JsonObject = {variables, ...(proof === undefined ? {} : {proof: asJson(proof)})};
  return {
    target: ref,
    summary: `${isRequest(act) ? `send ${act.method} ${act.url}` : `run ${lineOf(act)}`}${forWhom}`,
    prepare: op('prepare', {}),
    flip: op('do', {variables, do: asJson(act)}, longestMs(act)),
    proof: op('in-force', proofArgs),
    undo:
      undo === undefined
        ? {irreversible: `no \`undo\` is given for ${lineOf(act)}`}
        : 'nothing' in undo
          ? {nothing: undo.nothing}
          : {
              ...op('undo', {...proofArgs, undo: asJson(undo)}, longestMs(undo) + (proof?.timeoutMs ?? 0)),
              lifetime: 'object',
              proof: op('owed', proofArgs),
              manual: lineOf(undo),
              // The command of a runner that was killed goes on: the undo ends it first, as soon as it can be
              // recognised.
              ...(isRequest(act) ? {} : {inFlightMs: 1_000}),
            },
    claims: [ref.object],
    touches: [],
    keeper: 'guardian',
  };
}

/** A command that is owed although nothing was done: whoever ends the run runs it. */
function owe(t: TargetRef, {run, proof}: Parameters<Drafts['author']['owe']>[1]): Change {
  const {ref, op, variables, forWhom} = subjectOf(t, [null, run]);
  const back: JsonObject = {variables, ...(proof === undefined ? {} : {back: asJson(proof)})};
  return {
    target: ref,
    summary: `afterwards run ${lineOf(run)}${forWhom}`,
    owes: true,
    prepare: op('owe', {}),
    flip: op('nothing', {}),
    proof: op('in-force', {variables}),
    undo: {
      ...op('undo', {...back, undo: asJson(run)}, longestMs(run) + (proof?.timeoutMs ?? 0)),
      lifetime: 'object',
      proof: op('owed', back),
      manual: lineOf(run),
      inFlightMs: 1_000,
    },
    claims: [ref.object],
    touches: [],
    keeper: 'guardian',
  };
}

/** A request may be sent twice where an earlier one is still on its way. */
function longestMs(action: AuthorAction): number {
  return isRequest(action) ? 2 * action.timeoutMs + ARRIVES_MS : action.timeoutMs;
}

/** As a person would type it. */
function lineOf(action: AuthorAction): string {
  if (isRequest(action)) return curlOf(action);
  const {run, shell, cwd, environment} = action;
  return commandForShell(shell ? ['/bin/sh', '-c', ...run] : run, cwd, environment);
}
