import {countdown, signalWithin} from '../../../../../system/clock.js';
import {describeError} from '../../../../../system/error.js';
import type {Standing} from '../../../../settling/port.js';
import {mayPass, type Cluster} from '../../api/cluster.js';
import {requestFailureIn} from '../../api/failure.js';
import {describeLocator, type WorkloadLocator} from '../../api/identity.js';
import {findSame, type Workload} from '../../api/workloads.js';
import {markAnnotations, readMark, revise} from '../../marks/marks.js';
import {OPS, scaleArgs, type ScaleArgs} from '../../ops.js';
import {gone, owedByOther, Refusal, requireMark, type Flip, type ClusterQuestion, type Undoing} from '../operation.js';

/** How long a scale waits for the controller to act; after that the proof tells how far it is. */
const CONTROLLER_MS = 5_000;
const POLL_MS = 100;

const scale: Flip = async (cluster, op, {fence, left}) => {
  const {on, was, ours} = scaleArgs().parse(op.args);
  const found = await revise(
    cluster,
    on,
    workload => {
      const mark = requireMark(workload, on, fence);
      if (!fence.live()) throw new Refusal(`run ${fence.run} was taken over by someone else`);
      if (workload.replicas === ours) return undefined;
      if (workload.replicas !== was)
        throw new Refusal(`${describeLocator(on)} has ${workload.replicas} replicas by now; ${was} were planned for`);
      // Replicas and mark in one patch, on the version just read: the number never stands there without its debt.
      return {annotations: markAnnotations(mark), replicas: ours};
    },
    left,
  );
  if (found === undefined) throw new Refusal(`${describeLocator(on)} does not exist any more`);
  await controllerActed(cluster, on, ours, Math.min(CONTROLLER_MS, left()));
};

/** The fault begins when pods come or go, not when the number is written: T0 would be too early otherwise. */
async function controllerActed(cluster: Cluster, at: WorkloadLocator, ours: number, budgetMs: number): Promise<void> {
  const left = countdown(cluster.clock, budgetMs);
  const enough = signalWithin(left());
  try {
    while (left() > 0) {
      const now = await findSame(cluster, at, enough);
      if (now === undefined || now.replicas !== ours || (now.observed && now.current === ours)) return;
      await cluster.clock.sleep(POLL_MS);
    }
  } catch (error) {
    // The number is written: that the controller is slow, or cannot be watched now, is for the proof to tell.
    if (!enough.aborted && requestFailureIn(error) === undefined) throw error;
  }
}

/** `in-force` once the controller has brought the workload to our number. */
const scaled: ClusterQuestion = async (cluster, op, signal) => {
  const {on, ours} = scaleArgs().parse(op.args);
  const workload = await findSame(cluster, on, signal);
  if (workload === undefined) return gone(describeLocator(on));
  const {replicas, current, observed} = workload;
  const readings = {asked: replicas, current};
  if (replicas !== ours) return {state: 'absent', readings, why: `spec.replicas is ${replicas}, not ${ours}`};
  if (observed && current === ours) return {state: 'in-force', readings};
  return {state: 'absent', readings, why: `its controller has not acted yet: ${current} pods, ${ours} asked for`};
};

/** `in-force` while our number is still asked for. */
const restored: ClusterQuestion = async (cluster, op, signal) => {
  const {on, ours} = scaleArgs().parse(op.args);
  const workload = await findSame(cluster, on, signal);
  if (workload === undefined) return gone(describeLocator(on));
  return {state: workload.replicas === ours ? 'in-force' : 'absent', readings: {asked: workload.replicas}};
};

function replicas({at, replicas: now}: Workload, {was, ours}: ScaleArgs): Standing {
  const has = `${describeLocator(at)} has ${now} replicas`;
  if (now === ours) return {state: 'owed', shows: has};
  if (now === was) return {state: 'nothing'};
  return {state: 'superseded', detail: `${has}: someone else changed it (before ${was}, ours ${ours})`};
}

/** The old number of replicas, only while ours is still there. */
const restoring: Undoing = {
  standing: (_cluster, {undo}, {workload}) => Promise.resolve(replicas(workload, scaleArgs().parse(undo.args))),
  carryOut: async (cluster, debt, {fence, left}) => {
    const {on, was, ours} = scaleArgs().parse(debt.undo.args);
    const decide = (workload: Workload) => {
      if (workload.replicas !== ours || owedByOther(workload, debt) !== undefined) return undefined;
      if (!fence.live()) throw new Error(`run ${fence.run} was taken over meanwhile: its new owner settles this`);
      const mark = readMark(workload);
      return {annotations: mark === undefined ? {} : markAnnotations(mark), replicas: was};
    };
    try {
      await revise(cluster, on, decide, left);
      return {state: 'done'};
    } catch (error) {
      const failure = requestFailureIn(error);
      const isRefused = failure !== undefined && !mayPass(failure);
      return {state: isRefused ? 'refused' : 'lost', why: describeError(error)};
    }
  },
};

export const flips = {[OPS.scale]: scale};
export const questions = {[OPS.scaled]: scaled, [OPS.restored]: restored};
export const undos = {[OPS.restore]: restoring};
