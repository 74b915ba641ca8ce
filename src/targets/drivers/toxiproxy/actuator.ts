import {type Clock, signalWithin} from '../../../system/clock.js';
import {FiredrillError} from '../../../system/error.js';
import type {Actuator, Debt, Fence, Marked} from '../../contract.js';
import type {Reads} from '../../settling/standing.js';
import {localActuator} from '../local-actuator.js';
import type {LocalMarks} from '../local-marks.js';
import type {ToxiproxyClient} from './client.js';
import {perform} from './operations.js';
import {proveAll} from './reading.js';
import {runOf, VERSION} from './toxics.js';

/** All that the actuator works with. */
export interface ToxiproxyContext {
  readonly client: ToxiproxyClient;
  readonly fence: Fence;
  readonly clock: Clock;
  readonly marks: LocalMarks;
}

/** Opens also where no server answers: then everything says so. */
export function openActuator(context: ToxiproxyContext): Actuator {
  const {client} = context;
  return localActuator({
    ...context,
    driver: `toxiproxy@${VERSION}`,
    endpoint: client.endpoint,
    reads: debt => readsOf(context, debt),
    perform: (op, bounds) => perform(client, op, bounds),
    taken: (debt, budgetMs) => takenOnServer(context, debt, budgetMs),
  });
}

/** The mark is local; a toxic of another run on the proxy tells of a run on another machine. */
async function takenOnServer({client}: ToxiproxyContext, debt: Debt, budgetMs: number): Promise<Marked | undefined> {
  const proxy = await client.proxy(debt.undo.ref, signalWithin(budgetMs));
  const owners = (proxy?.toxics ?? []).flatMap(toxic => runOf(toxic) ?? []);
  const other = owners.find(run => run !== debt.run);
  return other === undefined ? undefined : {debt: debt.id, state: 'held', by: other, hardStop: 'unknown'};
}

function readsOf({client, clock}: ToxiproxyContext, {run}: Debt): Reads {
  return {
    // A server that does not answer may well live: then nothing is settled.
    exists: async ref => (await client.proxy(ref)) !== undefined,
    prove: async op => {
      const [proof] = await proveAll(client, [op], {clock, run});
      if (proof === undefined) throw new FiredrillError('DRIVER_UNREACHABLE', 'Toxiproxy gave no answer.');
      return proof;
    },
  };
}
