import type {ToxicRequest} from '../../../proxy/protocol.js';
import {FiredrillError} from '../../../system/error.js';
import type {Actuator, Applied, Debt, Op} from '../../contract.js';
import {settleDebt} from '../settling.js';
import type {Reply} from '../control-client.js';
import {toxicPath, whyNot} from './client.js';
import {VERSION} from './drafts.js';
import type {Hand} from './hand.js';
import {markAll, renewAll} from './marks.js';
import {settlingWorld, unmark} from './settling-world.js';

/**
 * Opens also where no proxy answers (`endpoint` is then empty): a debt can still be settled when the process is found to
 * be dead, and everything else answers that nothing was reached.
 */
export async function openActuator(hand: Hand): Promise<Actuator> {
  const {client, fence} = hand;
  const endpoint = await client.state().then(
    state => state.instance.endpoint,
    () => '',
  );
  return {
    endpoint,
    mark: (debts, budgetMs) => markAll(hand, debts, budgetMs),
    apply: (ops, budgetMs) => Promise.all(ops.map(op => applyOne(hand, op, {run: fence.run, budgetMs}))),
    renew: (debts, budgetMs) => renewAll(hand, debts, budgetMs),
    settle: (debts, budgetMs) => Promise.all(debts.map(debt => settleOne(hand, debt, budgetMs))),
    forget: async debts => {
      for (const debt of debts) await unmark(hand, debt);
    },
    requestStop: async run => {
      const reply = await client.send('POST', '/v1/stops', {body: {run}, budgetMs: 5000});
      if ('answer' in reply && reply.answer.status === 200) return;
      throw new FiredrillError('DRIVER_UNREACHABLE', `The request to stop was not left: ${whyNot(reply) ?? ''}`);
    },
    close: () => Promise.resolve(),
  };
}

async function settleOne(hand: Hand, debt: Debt, budgetMs: number) {
  const carryOut = (op: Op, leftMs: number) => applyOne(hand, op, {run: debt.run, budgetMs: leftMs});
  return settleDebt(await settlingWorld(hand, debt, {carryOut, budgetMs}), debt, budgetMs);
}

/** `run`: whose toxic it is. */
async function applyOne(hand: Hand, op: Op, {run, budgetMs}: {run: string; budgetMs: number}): Promise<Applied> {
  if (!hand.fence.live()) return {op, state: 'refused', why: 'this run was taken over'};
  const unknown: Applied = {op, state: 'refused', why: `unknown operation \`${op.op}@${op.v}\``, sent: false};
  if (op.v !== VERSION) return unknown;
  const path = toxicPath(op);
  switch (op.op) {
    case 'toxic.add': {
      const {id: _id, ...toxic} = op.args;
      const {epoch} = hand.fence;
      const body = {...(toxic as unknown as ToxicRequest), writer: {run, epoch}, incarnation: op.ref.incarnation};
      return applied(op, await hand.client.send('PUT', path, {body, budgetMs}));
    }
    case 'toxic.remove':
      return applied(op, await hand.client.send('DELETE', `${path}?run=${encodeURIComponent(run)}`, {budgetMs}));
    default:
      return unknown;
  }
}

function applied(op: Op, reply: Reply): Applied {
  const why = whyNot(reply);
  if (why === undefined) return {op, state: 'done'};
  return {op, state: 'lost' in reply ? 'unknown' : 'refused', why};
}
