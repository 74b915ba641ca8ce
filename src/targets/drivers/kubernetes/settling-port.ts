import {signalWithin, type Left} from '../../../system/clock.js';
import {describeError} from '../../../system/error.js';
import {mapInFlight} from '../../../system/in-flight.js';
import type {Debt, Fence} from '../../contract.js';
import {ONE_ATTEMPT, type SettlingPort, type Standing} from '../../settling/port.js';
import {IN_FLIGHT, mayPass, type Cluster} from './api/cluster.js';
import {requestFailureIn} from './api/failure.js';
import {describeLocator} from './api/identity.js';
import {findSame} from './api/workloads.js';
import {takeOffMark} from './marks/marks.js';
import {UNDOS} from './mechanisms/index.js';
import {owedByOther, type Undoing} from './mechanisms/operation.js';
import {markedArgs, OPS_VERSION} from './ops.js';

/** A controller takes its time. */
const LOOK_EVERY_MS = 500;

interface ClusterSettling {
  readonly cluster: Cluster;
  readonly endpoint: string;
  readonly fence: Fence;
}

export function settlingPort({cluster, endpoint, fence}: ClusterSettling): SettlingPort {
  return {
    driver: `kubernetes@${OPS_VERSION}`,
    endpoint,
    fence,
    clock: cluster.clock,
    patience: {...ONE_ATTEMPT, lookEveryMs: LOOK_EVERY_MS},
    inFlight: IN_FLIGHT,
    refuses: ({undo: {op, v, ref}}) => {
      if (ref.endpoint !== endpoint)
        return `it belongs to another cluster (kube-system ${ref.endpoint}); this one is ${endpoint}`;
      return v === OPS_VERSION && UNDOS.has(op) ? undefined : `this version has no undo \`${op}@${v}\``;
    },
    // The mark is on the workload, which every look reads.
    heldByOther: () => Promise.resolve(undefined),
    look: (debt, left) => standing(cluster, debt, left),
    carryOut: (debt, left) => undoingOf(debt).carryOut(cluster, debt, {fence, left}),
    unmark: async (debts, left) => {
      const stuck = await mapInFlight(debts, IN_FLIGHT, debt =>
        takeOffMark(cluster, markedArgs().parse(debt.undo.args).on, debt, left).then(
          () => [],
          (error: unknown) => [[debt.id, `its mark could not be removed: ${describeError(error)}`] as const],
        ),
      );
      return new Map(stuck.flat());
    },
  };
}

/** Only for what `refuses` let pass. */
function undoingOf({undo: {op}}: Debt): Undoing {
  const undoing = UNDOS.get(op);
  if (undoing === undefined) throw new Error(`this version has no undo \`${op}\``);
  return undoing;
}

/** A cluster that does not answer for a moment is no reason to give up; any other failure rejects. */
async function standing(cluster: Cluster, debt: Debt, left: Left): Promise<Standing> {
  const patience = signalWithin(left());
  try {
    return await standingIn(cluster, debt, patience);
  } catch (error) {
    if (patience.aborted) return {state: 'unreadable', why: 'the cluster did not answer in time'};
    const failure = requestFailureIn(error);
    if (failure === undefined || !mayPass(failure)) throw error;
    return {state: 'unreadable', why: describeError(error)};
  }
}

async function standingIn(cluster: Cluster, debt: Debt, signal: AbortSignal): Promise<Standing> {
  const {on} = markedArgs().parse(debt.undo.args);
  const workload = await findSame(cluster, on, signal);
  if (workload === undefined) return {state: 'gone', detail: `${describeLocator(on)} does not exist any more`};
  const notOwed = owedByOther(workload, debt);
  if (notOwed !== undefined) return {state: 'nothing', detail: notOwed};
  return undoingOf(debt).standing(cluster, debt, {workload, signal});
}
