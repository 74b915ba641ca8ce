import {isCertainlyDead} from './liveness.js';
import type {StateView} from '../../../proxy/protocol.js';
import {FiredrillError} from '../../../system/error.js';
import type {Applied, Debt, Op} from '../../contract.js';
import type {SettlingWorld} from '../settling.js';
import {connectionPath, whyNot} from './client.js';
import type {Hand} from './hand.js';
import {VERSION} from './drafts.js';
import {connectionOf, proveAll} from './reading.js';

type CarryOut = (op: Op, budgetMs: number) => Promise<Applied>;

/** How one debt on a proxied connection is settled. */
export async function settlingWorld(
  hand: Hand,
  debt: Debt,
  {carryOut, budgetMs}: {carryOut: CarryOut; budgetMs: number},
): Promise<SettlingWorld> {
  const {client, fence, clock} = hand;
  const {ref} = debt.undo;
  const base = {driver: `proxy@${VERSION}`, fence, clock, carryOut};
  let state: StateView;
  try {
    state = await client.state(undefined, budgetMs);
  } catch (error) {
    return {...base, ...nobodyAnswers(debt, error)};
  }
  return {
    ...base,
    endpoint: state.instance.endpoint,
    exists: async () => connectionOf(await client.state(), ref) !== undefined,
    heldByOther: () => Promise.resolve(otherHolder(state, debt)),
    prove: async op => {
      const [proof] = await proveAll(client, [op], clock);
      if (proof === undefined) throw new FiredrillError('DRIVER_UNREACHABLE', 'The proxy gave no answer.');
      const toxic = connectionOf(await client.state(), ref)?.toxics.find(one => one.id === op.args['id']);
      // One of the same name that somebody else added later is none of this debt's.
      return toxic !== undefined && toxic.run !== debt.run ? {...proof, state: 'absent'} : proof;
    },
    unmark: () => unmark(hand, debt),
  };
}

/** The process may be dead, which settles everything, or merely out of reach, which settles nothing. */
function nobodyAnswers(
  {undo: {ref}}: Debt,
  error: unknown,
): Omit<SettlingWorld, 'driver' | 'fence' | 'clock' | 'carryOut'> {
  return {
    endpoint: ref.endpoint,
    exists: async () => {
      if (await isCertainlyDead(ref.incarnation)) return false;
      throw error;
    },
    heldByOther: () => Promise.resolve(undefined),
    prove: () => Promise.reject(new FiredrillError('DRIVER_UNREACHABLE', 'The proxy gave no answer.')),
    unmark: () => Promise.resolve(),
  };
}

function otherHolder({connections}: StateView, {id, run, undo}: Debt): string | undefined {
  const mark = connections.find(({name}) => name === undo.ref.object)?.mark ?? undefined;
  if (mark === undefined || mark.run === run || mark.debts.some(debt => debt.id === id)) return undefined;
  return mark.run;
}

/** Strikes a debt off the mark of its connection. */
export async function unmark({client, fence}: Hand, {id, run, undo}: Debt): Promise<void> {
  const body = {run, epoch: fence.epoch, debts: [id]};
  const reply = await client.send('POST', `${connectionPath(undo.ref.object)}/mark/settled`, {body, budgetMs: 5000});
  const why = whyNot(reply);
  if (why === undefined) return;
  // Refused to a lower epoch, or no such connection any more: fine as long as the debt is not in the mark.
  const {connections} = await client.state();
  const marked = connections.some(({mark}) => mark?.debts.some(debt => debt.id === id) === true);
  if (marked) throw new FiredrillError('UNDO_FAILED', why);
}
