import type {ToxicRequest} from '../../../proxy/protocol.js';
import {FiredrillError} from '../../../system/error.js';
import type {Actuator, Applied, Op} from '../../contract.js';
import {settleAll} from '../../settling/settle.js';
import type {ControlReply} from '../control-client.js';
import {toxicPath, whyNot} from './client.js';
import {VERSION} from './drafts.js';
import type {ProxyContext} from './context.js';
import {markAll, renewAll} from './marks.js';
import {settlingPort, unmark} from './settling-port.js';

/**
 * Opens also where no proxy answers (`endpoint` is then empty): a debt can still be settled when the process is found
 * to be dead, and everything else answers that nothing was reached.
 */
export async function openActuator(context: ProxyContext): Promise<Actuator> {
  const {client, fence} = context;
  const perform = (op: Op, terms: ApplyTerms) => applyOne(context, op, terms);
  const endpoint = await client.state().then(
    state => state.instance.endpoint,
    () => '',
  );
  return {
    endpoint,
    mark: (debts, budgetMs) => markAll(context, debts, budgetMs),
    apply: (ops, budgetMs) => Promise.all(ops.map(op => perform(op, {run: fence.run, budgetMs}))),
    renew: (debts, budgetMs) => renewAll(context, debts, budgetMs),
    settle: async (debts, budgetMs) => settleAll(await settlingPort(context, perform, budgetMs), debts, budgetMs),
    forget: async debts => {
      for (const debt of debts) await unmark(context, debt);
    },
    requestStop: async run => {
      const reply = await client.send('POST', '/v1/stops', {body: {run}, budgetMs: 5000});
      if ('answer' in reply && reply.answer.status === 200) return;
      throw new FiredrillError('DRIVER_UNREACHABLE', `The request to stop was not left: ${whyNot(reply) ?? ''}`);
    },
    close: () => Promise.resolve(),
  };
}

/** `run`: whose toxic it is. */
interface ApplyTerms {
  readonly run: string;
  readonly budgetMs: number;
}

async function applyOne(context: ProxyContext, op: Op, {run, budgetMs}: ApplyTerms): Promise<Applied> {
  if (!context.fence.live()) return {op, state: 'refused', why: 'this run was taken over'};
  const unknown: Applied = {op, state: 'refused', why: `unknown operation \`${op.op}@${op.v}\``, sent: false};
  if (op.v !== VERSION) return unknown;
  const path = toxicPath(op);
  switch (op.op) {
    case 'toxic.add': {
      const {id: _id, ...toxic} = op.args;
      const {epoch} = context.fence;
      const body = {...(toxic as unknown as ToxicRequest), writer: {run, epoch}, incarnation: op.ref.incarnation};
      return applied(op, await context.client.send('PUT', path, {body, budgetMs}));
    }
    case 'toxic.remove':
      return applied(op, await context.client.send('DELETE', `${path}?run=${encodeURIComponent(run)}`, {budgetMs}));
    default:
      return unknown;
  }
}

function applied(op: Op, reply: ControlReply): Applied {
  const why = whyNot(reply);
  if (why === undefined) return {op, state: 'done'};
  return {op, state: 'lost' in reply ? 'unknown' : 'refused', why};
}
