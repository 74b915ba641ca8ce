import type {StateView} from '../../../proxy/protocol.js';
import {FiredrillError} from '../../../system/error.js';
import type {Applied, Debt, Op} from '../../contract.js';
import {ONE_ATTEMPT, type SettlingPort} from '../../settling/port.js';
import {eachUnmarked, sentBy, standingBy, type Reads} from '../../settling/standing.js';
import {connectionPath, whyNot} from './client.js';
import {VERSION} from './drafts.js';
import type {ProxyContext} from './context.js';
import {isCertainlyDead} from './liveness.js';
import {connectionOf, proveAll} from './reading.js';

type Perform = (op: Op, bounds: {readonly run: string; readonly budgetMs: number}) => Promise<Applied>;

/** How the debts of one settlement are settled in a proxy, which may not answer. */
export async function settlingPort(context: ProxyContext, perform: Perform, budgetMs: number): Promise<SettlingPort> {
  const state = await context.client.state(undefined, budgetMs).catch((error: unknown) => ({error}));
  const answers = !('error' in state);
  return {
    driver: `proxy@${VERSION}`,
    endpoint: answers ? state.instance.endpoint : undefined,
    fence: context.fence,
    clock: context.clock,
    patience: ONE_ATTEMPT,
    inFlight: Number.POSITIVE_INFINITY,
    heldByOther: debt => Promise.resolve(answers ? otherHolder(state, debt) : undefined),
    look: debt => standingBy(answers ? reads(context, debt) : nobodyAnswers(state.error), debt.undo),
    carryOut: async ({undo, run}, left) => sentBy(await perform(undo, {run, budgetMs: left()})),
    // The marks of a process that is dead have died with it.
    unmark: debts => (answers ? eachUnmarked(debts, debt => unmark(context, debt)) : Promise.resolve(new Map())),
  };
}

function reads({client, clock}: ProxyContext, debt: Debt): Reads {
  const {ref} = debt.undo;
  return {
    exists: async () => connectionOf(await client.state(), ref) !== undefined,
    prove: async op => {
      const [proof] = await proveAll(client, [op], clock);
      if (proof === undefined) throw new FiredrillError('DRIVER_UNREACHABLE', 'The proxy gave no answer.');
      const toxic = connectionOf(await client.state(), ref)?.toxics.find(one => one.id === op.args['id']);
      // One of the same name that somebody else added later is none of this debt's.
      return toxic !== undefined && toxic.run !== debt.run ? {...proof, state: 'absent'} : proof;
    },
  };
}

/** The process may be dead, which settles everything, or merely out of reach, which settles nothing. */
function nobodyAnswers(error: unknown): Reads {
  return {
    exists: async ref => {
      if (await isCertainlyDead(ref.incarnation)) return false;
      throw error;
    },
    prove: () => Promise.reject(new FiredrillError('DRIVER_UNREACHABLE', 'The proxy gave no answer.')),
  };
}

function otherHolder({connections}: StateView, {id, run, undo}: Debt): string | undefined {
  const mark = connections.find(({name}) => name === undo.ref.object)?.mark ?? undefined;
  if (mark === undefined || mark.run === run || mark.debts.some(debt => debt.id === id)) return undefined;
  return mark.run;
}

/** Strikes a debt off the mark of its connection. */
export async function unmark({client, fence}: ProxyContext, {id, run, undo}: Debt): Promise<void> {
  const body = {run, epoch: fence.epoch, debts: [id]};
  const reply = await client.send('POST', `${connectionPath(undo.ref.object)}/mark/settled`, {body, budgetMs: 5000});
  const why = whyNot(reply);
  if (why === undefined) return;
  // Refused to a lower epoch, or no such connection any more: fine as long as the debt is not in the mark.
  const {connections} = await client.state();
  const marked = connections.some(({mark}) => mark?.debts.some(debt => debt.id === id) === true);
  if (marked) throw new FiredrillError('UNDO_FAILED', why);
}
