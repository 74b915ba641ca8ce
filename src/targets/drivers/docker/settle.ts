import {setTimeout as delay} from 'node:timers/promises';
import type {Debt, Fence, Settled} from '../../contract.js';
import {inspectContainer, type ContainerView} from './container.js';
import type {Engine} from './engine.js';
import {messageOf, type Outcome} from './failures.js';
import {operationNamed, questionNamed, VERSION} from './operations/index.js';
import {sameValue, type Operation} from './operations/operation.js';

const ATTEMPTS = 3;
const BETWEEN_ATTEMPTS_MS = 300;
/** A container that was told to start shows it only a moment later. */
const SHOWS_WITHIN_MS = 3_000;
const POLL_MS = 50;

interface Settling {
  readonly engine: Engine;
  readonly fence: Fence;
  readonly debt: Debt;
  readonly operation: Operation;
  /** Milliseconds that are left of the budget. */
  readonly left: () => number;
}

type Standing =
  | {readonly state: 'owed'; readonly shows: string}
  | {readonly state: 'nothing'}
  | {readonly state: 'gone'; readonly detail: string}
  | {readonly state: 'superseded'; readonly detail: string}
  | {readonly state: 'unreadable'; readonly why: string};

function restores(view: ContainerView, {debt, operation}: Settling): Standing | undefined {
  const {restore, args} = debt.undo;
  if (restore === undefined || operation.value === undefined) return undefined;
  const now = operation.value(view, args);
  if (sameValue(now, restore.was)) return {state: 'nothing'};
  const shows = JSON.stringify(now);
  if (sameValue(now, restore.ours)) return {state: 'owed', shows};
  return {state: 'superseded', detail: `it reads ${shows}, which is neither what was there before nor what was set`};
}

const GONE: Standing = {state: 'gone', detail: 'the container no longer exists'};

/** How the debt stands according to the container itself. Never throws. */
async function standing(settling: Settling): Promise<Standing> {
  const {engine, debt, operation, left} = settling;
  const {ref, proof, lifetime} = debt.undo;
  const signal = AbortSignal.timeout(Math.max(1, left()));
  try {
    const view = await inspectContainer(engine, ref.object, signal);
    if (view === 'gone' && operation.outlives !== true) return GONE;
    const restored = view === 'gone' ? undefined : restores(view, settling);
    if (restored !== undefined) return restored;
    const question = questionNamed(proof.op);
    if (question === undefined) return {state: 'unreadable', why: `this version cannot answer \`${proof.op}\``};
    const answer = await question({engine, view, args: proof.args, signal});
    if (answer.state === 'unknown') return {state: 'unreadable', why: answer.why ?? 'it does not show'};
    if (answer.state === 'in-force') return {state: 'owed', shows: JSON.stringify(answer.readings)};
    if (view === 'gone') return GONE;
    const restarted = lifetime === 'incarnation' && view.startedAt !== ref.incarnation;
    return restarted ? {state: 'gone', detail: `it was restarted at ${view.startedAt}`} : {state: 'nothing'};
  } catch (error) {
    return {state: 'unreadable', why: `the container cannot be read: ${messageOf(error)}`};
  }
}

/** The engine has said no: nothing is under way that could still show. */
function isOver(sent: Outcome): boolean {
  return sent.state === 'refused' || (sent.state === 'unknown' && sent.status !== undefined);
}

/** Waits a little for the undo to show; ends at once when it does or when time is up. */
async function standingAfter(settling: Settling, sent: Outcome): Promise<Standing> {
  const wait = isOver(sent) ? 0 : Math.min(SHOWS_WITHIN_MS, settling.left());
  const until = performance.now() + wait;
  let now = await standing(settling);
  while (now.state === 'owed' && performance.now() < until) {
    await delay(POLL_MS);
    now = await standing(settling);
  }
  return now;
}

function notSettled(debt: Debt, why: string, outcome: 'failed' | 'unknown' = 'failed'): Settled {
  return {debt: debt.id, outcome, why, manual: debt.undo.manual};
}

/** Why this driver must not touch the debt. */
export function refusal(engine: Engine, debt: Debt): string | undefined {
  const {undo} = debt;
  if (debt.driver !== `docker@${VERSION}` || undo.v !== VERSION) {
    return `it was written by ${debt.driver}; this is docker@${VERSION}: use the version that wrote it`;
  }
  if (undo.ref.endpoint !== engine.id) return `it is owed on engine ${undo.ref.endpoint}; this is ${engine.id}`;
  return undefined;
}

const DEAD_FENCE = 'another process has taken this run over';

/** The answer once the undo needs no further attempt. One that the engine refused at once was not needed. */
function settledBy({debt, operation}: Settling, refusedAtOnce: boolean, now: Standing): Settled | undefined {
  switch (now.state) {
    case 'nothing': {
      const needless = refusedAtOnce && operation.refusedWhenDone === true;
      return {debt: debt.id, outcome: needless ? 'already' : 'undone'};
    }
    case 'gone':
      return {debt: debt.id, outcome: 'gone', detail: now.detail};
    case 'superseded':
      return notSettled(debt, `it was put back, but ${now.detail}`);
    case 'owed':
    case 'unreadable':
      return undefined;
  }
}

function shownBy(now: Standing): string {
  if (now.state === 'owed') return `the container shows ${now.shows}`;
  return now.state === 'unreadable' ? now.why : now.state;
}

/** The operation's remark. It is undone whether this can be had or not. */
async function remarked({engine, debt, operation, left}: Settling): Promise<{readonly detail?: string}> {
  try {
    const detail = await operation.remark?.(engine, debt.undo, AbortSignal.timeout(Math.max(1, left())));
    return detail === undefined ? {} : {detail};
  } catch {
    return {};
  }
}

async function carryOut(settling: Settling): Promise<Settled> {
  const {engine, fence, debt, operation, left} = settling;
  let why = 'no time was left to undo it';
  let state: 'failed' | 'unknown' = 'failed';
  for (let attempt = 1; attempt <= ATTEMPTS && left() > 0; attempt += 1) {
    if (!fence.live()) return notSettled(debt, DEAD_FENCE);
    if (attempt > 1) await delay(Math.min(BETWEEN_ATTEMPTS_MS * attempt, left()));
    const sent = await operation.send(engine, debt.undo, {budgetMs: left(), run: debt.run});
    const now = await standingAfter(settling, sent);
    const settled = settledBy(settling, attempt === 1 && isOver(sent), now);
    if (settled?.outcome === 'undone') return {...settled, ...(await remarked(settling))};
    if (settled !== undefined) return settled;
    const said = sent.state === 'done' ? 'the engine accepted the undo' : sent.why;
    why = `${said}; ${shownBy(now)}`;
    state = now.state === 'unreadable' || (sent.state === 'unknown' && !isOver(sent)) ? 'unknown' : 'failed';
  }
  return notSettled(debt, why, state);
}

/** Undoes one debt and verifies it on the container; the mark is the caller's. Never throws. */
export async function settleDebt(engine: Engine, fence: Fence, debt: Debt, left: () => number): Promise<Settled> {
  const operation = operationNamed(debt.undo.op);
  const refused = refusal(engine, debt);
  if (refused !== undefined) return notSettled(debt, refused);
  if (operation === undefined) return notSettled(debt, `this version has no operation \`${debt.undo.op}\``);
  if (!fence.live()) return notSettled(debt, DEAD_FENCE);
  const settling = {engine, fence, debt, operation, left};
  if (operation.refusedWhenDone === true && left() > 0) return carryOut(settling);
  const now = await standing(settling);
  switch (now.state) {
    case 'nothing':
      return {debt: debt.id, outcome: 'already'};
    case 'gone':
    case 'superseded':
      return {debt: debt.id, outcome: now.state, detail: now.detail};
    case 'owed':
      return carryOut(settling);
    case 'unreadable':
      return left() > 0 ? carryOut(settling) : notSettled(debt, now.why, 'unknown');
  }
}
