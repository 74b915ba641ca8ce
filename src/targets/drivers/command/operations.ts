import {join} from 'node:path';
import {setTimeout as delay} from 'node:timers/promises';
import type {JsonObject} from '../../../quantities/json.js';
import type {Clock} from '../../../system/clock.js';
import {describeError} from '../../../system/error.js';
import type {Ambient, Applied, AuthorAction, Op, OpOutcome, Proof, ProofAnswer} from '../../contract.js';
import {withLocalLock} from '../local-lock.js';
import {hashOf} from '../local-marks.js';
import {isRequest, sendRequest} from './requests.js';
import {
  doMark,
  endLeftOver,
  forgetProgress,
  ownMark,
  readProgress,
  runCommand,
  writeProgress,
  type ActionEnd,
  type ActionProgress,
  type ActionRun,
} from './runs.js';

/** Version of the operations' arguments. */
export const VERSION = 1;
/** Kept back from the budget so that the answer still comes within it: a tenth, at most so many ms. */
const MOST_KEPT_MS = 3_000;
const IN_FORCE = 0;
const ABSENT = 1;
/** How long a request whose sender is gone may take to arrive, ms. */
export const ARRIVES_MS = 5_000;

/** Our own words, read back from an operation's arguments. */
function actionFrom(args: JsonObject, key: 'do' | 'undo' | 'proof' | 'back'): AuthorAction | undefined {
  const action = args[key];
  return action === undefined ? undefined : (action as unknown as AuthorAction);
}

function variablesOf({args}: Op): Record<string, string> {
  return args['variables'] as Record<string, string>;
}

interface Carrying extends Omit<ActionRun, 'command'> {
  readonly action: AuthorAction;
}

/** A request ends with 0 where its answer is a good one, and with 1 where it is another one. */
function carry({action, ...rest}: Carrying, budgetMs: number, signal?: AbortSignal): Promise<ActionEnd> {
  if (isRequest(action)) return sendRequest({request: action, ...rest}, budgetMs, signal);
  return runCommand({command: action, ...rest}, budgetMs, signal);
}

/** "`stop-cache` ended with 3; its output: …", "`PUT http://…`: it was answered with 404" */
function told(action: AuthorAction, ended: ActionEnd): string {
  const line = `\`${isRequest(action) ? `${action.method} ${action.url}` : action.run.join(' ')}\``;
  if (isRequest(action)) return `${line}: ${ended.exit === null ? ended.why : ended.output}`;
  if (ended.exit === null) return `${line}: ${ended.why}`;
  return `${line} ended with ${ended.exit}${ended.output === '' ? '' : `; its output: ${ended.output}`}`;
}

/** In what an operation is carried out, and for how long. */
interface Bounds {
  readonly ambient: Ambient;
  readonly limitMs: number;
  /** Ends a command of the author that breaks or prepares: never one that puts back. */
  readonly cut: AbortSignal | undefined;
}

/** Carries out one operation. Never throws. */
export async function perform(
  op: Op,
  {ambient, budgetMs, cut}: {ambient: Ambient; budgetMs: number; cut?: AbortSignal | undefined},
): Promise<Applied> {
  const limitMs = budgetMs - Math.min(budgetMs / 10, MOST_KEPT_MS);
  try {
    return {op, ...(await carryOut(op, {ambient, limitMs, cut}))};
  } catch (error) {
    return {op, state: 'unknown', why: describeError(error)};
  }
}

async function carryOut(op: Op, bounds: Bounds): Promise<OpOutcome> {
  const {object} = op.ref;
  switch (op.v === VERSION ? op.op : '') {
    case 'command.prepare':
      await forgetProgress(object, bounds.ambient);
      return {state: 'done'};
    case 'command.do':
      return act(op, bounds);
    case 'command.undo':
      return undoOnce(op, bounds.ambient, bounds.limitMs);
    // As if a command had been run and ended well: its undo is owed from now on.
    case 'command.owe':
      await writeProgress(object, bounds.ambient, {phase: 'done', exit: 0});
      return {state: 'done'};
    case 'command.nothing':
      return {state: 'done'};
    default:
      return {
        state: 'refused',
        why: `expected an operation of command@${VERSION}; got \`${op.op}\` of version ${op.v}`,
      };
  }
}

async function act(op: Op, {ambient, limitMs, cut}: Bounds): Promise<OpOutcome> {
  const {object} = op.ref;
  const action = actionFrom(op.args, 'do');
  if (action === undefined) return {state: 'refused', why: 'the operation holds no command'};
  await writeProgress(object, ambient, {phase: 'doing'});
  const ended = await carry({action, mark: doMark(object), variables: variablesOf(op), ambient}, limitMs, cut);
  if ('unsent' in ended && (await readProgress(object, ambient))?.phase === 'doing') {
    await forgetProgress(object, ambient);
    return {state: 'refused', why: told(action, ended)};
  }
  // Someone who took over may have ended and undone it meanwhile: that is the later truth.
  if ((await readProgress(object, ambient))?.phase === 'doing')
    await writeProgress(object, ambient, {phase: 'done', exit: ended.exit});
  return ended.exit === 0 ? {state: 'done'} : {state: 'refused', why: told(action, ended)};
}

/** One undo at a time, whoever asks: an author's command need not bear being run twice at once. */
async function undoOnce(op: Op, ambient: Ambient, limitMs: number): Promise<OpOutcome> {
  const lock = join(ambient.stateDir, 'locks', hashOf(`command\n${op.ref.object}`));
  const answer = await withLocalLock(lock, limitMs, () => undo(op, ambient, limitMs));
  return answer ?? {state: 'unknown', why: 'another process is carrying this undo out'};
}

async function undo(op: Op, ambient: Ambient, limitMs: number): Promise<OpOutcome> {
  const {object} = op.ref;
  const action = actionFrom(op.args, 'undo');
  if (action === undefined) return {state: 'refused', why: 'the operation holds no command'};
  const before = await owed(op, ambient, undefined);
  if (before.state === 'absent') return {state: 'done'};
  const deadline = performance.now() + limitMs;
  const put = () => {
    const carrying = {action, mark: ownMark(), variables: variablesOf(op), ambient};
    return carry(carrying, Math.max(1, deadline - performance.now()));
  };
  const mayArrive = isRequest(action) && (await wasLost(object, ambient));
  await endLeftOver(object);
  let ended = await put();
  if (ended.exit === 0 && mayArrive) {
    // Nobody can call a request back: what arrives behind the undo is undone as well.
    await delay(ARRIVES_MS);
    ended = await put();
  }
  if (ended.exit !== 0) return {state: 'refused', why: told(action, ended)};
  await writeProgress(object, ambient, {phase: 'undone'});
  return {state: 'done'};
}

/** Whether `do` had no answer: its request may still be on its way. */
async function wasLost(object: string, ambient: Ambient): Promise<boolean> {
  const progress = await readProgress(object, ambient);
  return progress?.phase === 'doing' || progress?.exit === null;
}

/** Reads one proof, by the author's command or by how far the commands got. Never throws. */
export async function readProof(
  op: Op,
  at: {readonly ambient: Ambient; readonly clock: Clock},
  signal?: AbortSignal,
): Promise<Proof> {
  const finding = await find(op, at.ambient, signal).catch((error: unknown): ProofAnswer => {
    return {state: 'unknown', readings: {}, why: describeError(error)};
  });
  return {ref: op.ref, exercised: null, at: at.clock.now(), ...finding};
}

function find(op: Op, ambient: Ambient, signal: AbortSignal | undefined): Promise<ProofAnswer> {
  if (op.v === VERSION && op.op === 'command.in-force') return inForce(op, ambient, signal);
  if (op.v === VERSION && op.op === 'command.owed') return owed(op, ambient, signal);
  const why = `expected a proof of command@${VERSION}; got \`${op.op}\` of version ${op.v}`;
  return Promise.resolve({state: 'unknown', readings: {}, why});
}

/** Whether the fault holds: the author's proof decides; without one, that `do` ended with 0 and was not undone. */
async function inForce(op: Op, ambient: Ambient, signal: AbortSignal | undefined): Promise<ProofAnswer> {
  const asked = await askAuthor(op, ambient, signal);
  if (asked !== undefined) return asked;
  const progress = await readProgress(op.ref.object, ambient);
  const readings = readingsOf(progress);
  if (progress?.phase === 'doing') return {state: 'unknown', readings, why: 'the command has not ended'};
  return {state: progress?.phase === 'done' && progress.exit === 0 ? 'in-force' : 'absent', readings};
}

/** Whether an undo is owed: what never began needs none; what did not end well needs one, whatever the proof says. */
async function owed(op: Op, ambient: Ambient, signal: AbortSignal | undefined): Promise<ProofAnswer> {
  const progress = await readProgress(op.ref.object, ambient);
  const readings = readingsOf(progress);
  if (progress === undefined) return {state: 'absent', readings};
  if (progress.phase === 'doing' || (progress.phase === 'done' && progress.exit !== 0))
    return {state: 'in-force', readings};
  return (
    (await askAuthor(op, ambient, signal)) ?? {state: progress.phase === 'undone' ? 'absent' : 'in-force', readings}
  );
}

function readingsOf(progress: ActionProgress | undefined): JsonObject {
  return {by: 'exit code of do', phase: progress?.phase ?? 'not begun', exit: progress?.exit ?? null};
}

/** The answer of the author's proof; undefined where there is none. `back` asks the other way round: 0 is absent. */
async function askAuthor(op: Op, ambient: Ambient, signal: AbortSignal | undefined): Promise<ProofAnswer | undefined> {
  const back = actionFrom(op.args, 'back');
  const action = actionFrom(op.args, 'proof') ?? back;
  if (action === undefined) return undefined;
  const asking = {action, mark: ownMark(), variables: variablesOf(op), ambient};
  const ended = await carry(asking, action.timeoutMs, signal);
  const readings = {by: isRequest(action) ? 'the proof request' : 'the proof command', exit: ended.exit};
  const [yes, no] = action === back ? [ABSENT, IN_FORCE] : [IN_FORCE, ABSENT];
  if (ended.exit === yes) return {state: 'in-force', readings};
  if (ended.exit === no) return {state: 'absent', readings};
  return {state: 'unknown', readings, why: told(action, ended)};
}
