import {FiredrillError} from '../../../system/error.js';
import type {MarkRequest} from '../../../proxy/protocol.js';
import type {JsonObject} from '../../../quantities/json.js';
import type {Debt, Marked} from '../../contract.js';
import {connectionPath, refusalOf, toxicOf, toxicPath, whyNot} from './client.js';
import type {ProxyContext} from './context.js';

/** One request per debt, in order: the proxy adds each to the mark of its connection or says who holds it. */
export async function markAll(
  context: ProxyContext,
  debts: readonly Debt[],
  budgetMs: number,
): Promise<readonly Marked[]> {
  const answers: Marked[] = [];
  for (const debt of debts) answers.push(await markOne(context, debt, budgetMs));
  return answers;
}

function markBody({fence}: ProxyContext, debt: Debt): MarkRequest {
  const marked = {id: debt.id, toxic: toxicOf(debt.undo), debt: debt as unknown as JsonObject};
  return {run: debt.run, epoch: fence.epoch, hardStop: {...debt.lease.hardStop}, debts: [marked]};
}

async function markOne(context: ProxyContext, debt: Debt, budgetMs: number): Promise<Marked> {
  if (!context.fence.live()) return {debt: debt.id, state: 'failed', why: 'this run was taken over'};
  const path = `${connectionPath(debt.undo.ref.object)}/mark`;
  const reply = await context.client.send('POST', path, {body: markBody(context, debt), budgetMs});
  const why = whyNot(reply);
  if (why === undefined) return {debt: debt.id, state: 'marked'};
  const holder = 'answer' in reply ? refusalOf(reply.answer).holder : undefined;
  if (holder === undefined || holder.run === debt.run) return {debt: debt.id, state: 'failed', why};
  return {debt: debt.id, state: 'held', by: holder.run, hardStop: wallOf(holder.hardStop)};
}

function wallOf({wall}: JsonObject): string {
  return typeof wall === 'string' ? wall : 'unknown';
}

/** Pushes the hard stop out in the marks, and the time to live of the toxics with it. Throws DRIVER_UNREACHABLE. */
export async function renewAll(context: ProxyContext, debts: readonly Debt[], budgetMs: number): Promise<void> {
  if (!context.fence.live()) return;
  for (const debt of debts) {
    const path = connectionPath(debt.undo.ref.object);
    const marked = await context.client.send('POST', `${path}/mark/renewed`, {body: markBody(context, debt), budgetMs});
    const body = {ttlMs: leftOf(context, debt), run: debt.run};
    const renewed = await context.client.send('POST', `${toxicPath(debt.undo)}/renew`, {body, budgetMs});
    // A toxic that is not in force (404) has nothing to renew; the proofs tell.
    const lost = [marked, renewed].find(reply => !('answer' in reply));
    if (lost === undefined) continue;
    throw new FiredrillError('DRIVER_UNREACHABLE', `A lease was not renewed: ${whyNot(lost) ?? ''}`);
  }
}

/** Longest time to live that the proxy takes. */
const MAX_TTL_MS = 7 * 24 * 3600 * 1000;

/** Until the hard stop: by the monotonic clock within one boot, by the wall clock otherwise. */
function leftOf({clock}: ProxyContext, {lease}: Debt): number {
  const now = clock.now();
  const {hardStop} = lease;
  const left =
    hardStop.boot === now.boot ? (hardStop.mono - now.mono) / 1000 : Date.parse(hardStop.wall) - Date.parse(now.wall);
  return Math.min(MAX_TTL_MS, Math.max(1, left));
}
