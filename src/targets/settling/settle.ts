import {countdown, type Left} from '../../system/clock.js';
import {describeError} from '../../system/error.js';
import {groupsBy, mapInFlight} from '../../system/in-flight.js';
import type {Debt, Settled} from '../contract.js';
import type {Sent, SettlingPort, Standing} from './port.js';
import {settleTogether} from './together.js';

type DebtOutcome =
  | {readonly outcome: 'undone' | 'already' | 'gone' | 'superseded'; readonly detail?: string}
  | {readonly outcome: 'failed' | 'unknown'; readonly why: string};

const TAKEN_OVER: DebtOutcome = {
  outcome: 'failed',
  why: 'this run was taken over by someone else, who settles its debts',
};
/** Marks are removed after the undos: some time has to be left for it. */
const UNMARK_MS = 3_000;

/**
 * Settles debts: is there anything left, undo it, verify on the target, remove the mark, which stays while the undo is
 * not verified. Several debts on one object are undone one after the other, in the order given. One answer each, in
 * order; never rejects. Safe to repeat, and to do twice at a time where the driver's operations are.
 */
export async function settleAll(
  port: SettlingPort,
  debts: readonly Debt[],
  budgetMs: number,
): Promise<readonly Settled[]> {
  const left = countdown(port.clock, budgetMs);
  const settled = new Map<string, Settled>();
  const take = (debt: Debt, ended: DebtOutcome) => settled.set(debt.id, answerOf(port, debt, ended));
  const open: Debt[] = [];
  for (const debt of debts) {
    const ended = await excused(port, debt, left);
    if (ended === undefined) open.push(debt);
    else take(debt, ended);
  }
  for (const debt of await settleTogether(port, open, left)) take(debt, {outcome: 'undone'});
  const alone = open.filter(({id}) => !settled.has(id));
  await mapInFlight(
    groupsBy(alone, debt => debt.undo.ref.object),
    port.inFlight,
    async ([, group]) => {
      for (const debt of group) take(debt, await orUnknown(settleOne(port, debt, left)));
    },
  );
  const stuck = await port.unmark(
    debts.filter(({id}) => isPaid(settled.get(id))),
    () => Math.max(left(), UNMARK_MS),
  );
  return debts.map(debt => {
    const answer = settled.get(debt.id) ?? answerOf(port, debt, {outcome: 'unknown', why: 'it was not looked at'});
    const why = stuck.get(debt.id);
    if (why === undefined) return answer;
    const stays = `${answer.outcome === 'undone' ? 'it is undone' : 'nothing is left to undo'}, but ${why}`;
    const manual = port.manualUnmark?.(debt) ?? debt.undo.manual;
    return {debt: debt.id, at: port.clock.now(), outcome: 'failed', why: stays, manual};
  });
}

function answerOf({clock}: SettlingPort, debt: Debt, ended: DebtOutcome): Settled {
  const head = {debt: debt.id, at: clock.now()};
  return 'why' in ended ? {...head, ...ended, manual: debt.undo.manual} : {...head, ...ended};
}

function isPaid(settled: Settled | undefined): boolean {
  return settled !== undefined && !('why' in settled);
}

const orUnknown = (ended: Promise<DebtOutcome>): Promise<DebtOutcome> =>
  ended.catch((error: unknown) => ({outcome: 'unknown', why: describeError(error)}));

/** Why nothing is done for it; undefined where something may have to be. */
function excused(port: SettlingPort, debt: Debt, left: Left): Promise<DebtOutcome | undefined> {
  const why = refusal(port, debt);
  if (why !== undefined) return Promise.resolve({outcome: 'failed', why});
  if (!port.fence.live()) return Promise.resolve(TAKEN_OVER);
  return port.heldByOther(debt, left).then(
    (by): DebtOutcome | undefined =>
      by === undefined
        ? undefined
        : {outcome: 'already', detail: `it was never marked, so never acted on; run \`${by}\` holds the target`},
    (error: unknown) => ({outcome: 'unknown', why: describeError(error)}),
  );
}

/** Why this driver must not touch the debt. */
function refusal(port: SettlingPort, debt: Debt): string | undefined {
  if (debt.driver !== port.driver)
    return `expected a debt of \`${port.driver}\`; got one of \`${debt.driver}\`: settle it with the version that wrote it`;
  const why = port.refuses?.(debt);
  if (why !== undefined) return why;
  const {endpoint} = debt.undo.ref;
  if (port.endpoint === undefined || endpoint === port.endpoint) return undefined;
  return `the debt belongs to endpoint \`${endpoint}\`; this is \`${port.endpoint}\``;
}

/**
 * Looks whether something is left of one debt, and undoes it; the mark is the caller's. Rejects where nobody can be
 * asked.
 */
async function settleOne(port: SettlingPort, debt: Debt, left: Left): Promise<DebtOutcome> {
  if (port.refusesWhenDone?.(debt) === true && left() > 0) return undo(port, debt, left);
  const now = await port.look(debt, left);
  switch (now.state) {
    case 'nothing':
      return {outcome: 'already', ...(now.detail === undefined ? {} : {detail: now.detail})};
    case 'gone':
    case 'superseded':
      return {outcome: now.state, detail: now.detail};
    case 'owed':
      return undo(port, debt, left);
    case 'unreadable':
      // An undo is safe to repeat, and better done twice than left.
      return left() > 0 ? undo(port, debt, left) : {outcome: 'unknown', why: now.why};
  }
}

async function undo(port: SettlingPort, debt: Debt, left: Left): Promise<DebtOutcome> {
  const {attempts, betweenAttemptsMs} = port.patience;
  let last: DebtOutcome = {outcome: 'failed', why: 'no time was left to undo it'};
  for (let attempt = 1; attempt <= attempts && left() > 0; attempt++) {
    if (attempt > 1) await port.clock.sleep(Math.min(betweenAttemptsMs * attempt, left()));
    if (!port.fence.live()) return TAKEN_OVER;
    const sent = await port.carryOut(debt, left);
    const now = await standingAfter(port, debt, {sent, left});
    if (now.state === 'nothing') {
      // What was refused at once was not needed.
      if (attempt === 1 && sent.state === 'refused' && port.refusesWhenDone?.(debt) === true)
        return {outcome: 'already'};
      const detail = await port.remark?.(debt, left).catch(() => undefined);
      return {outcome: 'undone', ...(detail === undefined ? {} : {detail})};
    }
    if (now.state === 'gone' || now.state === 'superseded') return {outcome: now.state, detail: now.detail};
    last = notYet(sent, now);
  }
  return last;
}

/** Waits for the undo to show; ends at once when it does, when nothing is under way any more or when time is up. */
async function standingAfter(
  port: SettlingPort,
  debt: Debt,
  {sent, left}: {readonly sent: Sent; readonly left: Left},
): Promise<Standing> {
  const {clock, fence, patience} = port;
  const until = clock.mono() + (sent.state === 'refused' ? 0 : Math.min(patience.showsWithinMs, left())) * 1000;
  let last: Standing | undefined;
  for (;;) {
    const now = await port.look(debt, left);
    // A look that the end of the budget cuts off tells nothing new.
    if (now.state === 'unreadable' && last !== undefined && left() <= 0) return last;
    const waits = now.state === 'owed' || now.state === 'unreadable';
    if (!waits || clock.mono() >= until || !fence.live()) return now;
    if (now.state === 'owed') last = now;
    await clock.sleep(Math.min(patience.lookEveryMs, Math.max(1, left())));
  }
}

function notYet(sent: Sent, now: Extract<Standing, {state: 'owed' | 'unreadable'}>): DebtOutcome {
  const said = sent.state === 'done' ? (sent.said ?? 'the undo was carried out') : sent.why;
  if (now.state === 'unreadable') return {outcome: 'unknown', why: `${said}; ${now.why}`};
  return {outcome: sent.state === 'lost' ? 'unknown' : 'failed', why: `${said}; ${now.shows}`};
}
