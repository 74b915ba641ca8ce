import {describeError} from '../../../system/error.js';
import {mapInFlight} from '../../../system/in-flight.js';
import type {Debt, Fence} from '../../contract.js';
import {ONE_ATTEMPT, type Left, type Sent, type SettlingPort, type Standing} from '../../settling/port.js';
import {IN_FLIGHT, mayPass, type Cluster} from './cluster.js';
import {requestFailureIn} from './failure.js';
import {describeLocator} from './identity.js';
import {markAnnotations, readMark, revise, takeOffMark} from './marks.js';
import {markedArgs, OPS, OPS_VERSION, readyArgs, scaleArgs, type ScaleArgs} from './ops.js';
import {readyAgain} from './proofs.js';
import {findSame, type Workload} from './workloads.js';

/** A controller takes its time. */
const LOOK_EVERY_MS = 500;

interface Settling {
  readonly cluster: Cluster;
  readonly endpoint: string;
  readonly fence: Fence;
}

export function settlingPort({cluster, endpoint, fence}: Settling): SettlingPort {
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
      const isKnown = v === OPS_VERSION && (op === OPS.restore || op === OPS.awaitReady);
      return isKnown ? undefined : `this version has no undo \`${op}@${v}\``;
    },
    // The mark is on the workload, which every look reads.
    heldByOther: () => Promise.resolve(undefined),
    look: (debt, left) => standing(cluster, debt, left),
    carryOut: (debt, left) =>
      debt.undo.op === OPS.restore
        ? restore({cluster, fence, left}, debt)
        : Promise.resolve({state: 'done', said: 'its controller has to put it back'}),
    unmark: async (debts, left) => {
      const stuck = await mapInFlight(debts, IN_FLIGHT, debt =>
        takeOffMark(cluster, markedArgs().parse(debt.undo.args).on, debt, {left}).then(
          () => [],
          (error: unknown) => [[debt.id, `its mark could not be removed: ${describeError(error)}`] as const],
        ),
      );
      return new Map(stuck.flat());
    },
  };
}

/** A cluster that does not answer for a moment is no reason to give up; any other failure rejects. */
async function standing(cluster: Cluster, debt: Debt, left: Left): Promise<Standing> {
  const patience = AbortSignal.timeout(Math.max(1, left()));
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
  if (debt.undo.op === OPS.restore) return replicas(workload, scaleArgs().parse(debt.undo.args));
  const answer = await readyAgain(cluster, readyArgs().parse(debt.undo.args), signal);
  return answer.state === 'absent' ? {state: 'nothing'} : {state: 'owed', shows: answer.why ?? 'it is not ready again'};
}

/** Where a mark stands, only what is on it is owed. Without one (someone stripped it) the values alone decide. */
function owedByOther(workload: Workload, debt: Debt): string | undefined {
  const mark = readMark(workload);
  if (mark === undefined || (mark.run === debt.run && mark.debts.some(one => one.id === debt.id))) return undefined;
  return `${describeLocator(workload.at)} carries the mark of run ${mark.run}, and this debt is not on it`;
}

function replicas({at, replicas: now}: Workload, {was, ours}: ScaleArgs): Standing {
  const has = `${describeLocator(at)} has ${now} replicas`;
  if (now === ours) return {state: 'owed', shows: has};
  if (now === was) return {state: 'nothing'};
  return {state: 'superseded', detail: `${has}: someone else changed it (before ${was}, ours ${ours})`};
}

/** The old number of replicas, only while ours is still there. */
async function restore(
  {cluster, fence, left}: {readonly cluster: Cluster; readonly fence: Fence; readonly left: Left},
  debt: Debt,
): Promise<Sent> {
  const {on, was, ours} = scaleArgs().parse(debt.undo.args);
  const decide = (workload: Workload) => {
    if (workload.replicas !== ours || owedByOther(workload, debt) !== undefined) return undefined;
    if (!fence.live()) throw new Error(`run ${fence.run} was taken over meanwhile: its new owner settles this`);
    const mark = readMark(workload);
    return {annotations: mark === undefined ? {} : markAnnotations(mark), replicas: was};
  };
  try {
    await revise(cluster, on, decide, {left});
    return {state: 'done'};
  } catch (error) {
    const failure = requestFailureIn(error);
    const isRefused = failure !== undefined && !mayPass(failure);
    return {state: isRefused ? 'refused' : 'lost', why: describeError(error)};
  }
}
