import type {Json, JsonObject} from '../../../../../quantities/json.js';
import type {Op, ProofAnswer} from '../../../../contract.js';
import {coveredFrom, lower, lowering, putBack} from '../../../../linux/lowering.js';
import {readMembers} from '../../engine/cgroup.js';
import {inspectContainer, readingsOf} from '../../engine/container.js';
import type {Engine} from '../../engine/engine.js';
import type {Operation, ContainerQuestion} from '../operation.js';
import {elsewhere, locally} from '../stress/operations.js';

const READ_MS = 5_000;

async function membersNow(engine: Engine, {ref}: Op): Promise<readonly number[]> {
  const view = await inspectContainer(engine, ref.object, AbortSignal.timeout(READ_MS));
  return view === 'gone' || !view.running ? [] : ((await readMembers(engine, view)) ?? []);
}

/** Only what is in the container: the pids may come from a mark, and are pids of the machine. */
async function restore(engine: Engine, op: Op): Promise<undefined> {
  const members = await membersNow(engine, op);
  return putBack(
    coveredFrom(op.args).filter(({pid}) => members.includes(pid)),
    members,
  );
}

export const operations: Readonly<Record<string, Operation>> = {
  'container.lower-descriptors': {
    send: (_engine, {args}) => locally(args, () => lower(coveredFrom(args))),
  },
  'container.restore-descriptors': {
    send: (engine, op) => locally(op.args, () => restore(engine, op)),
    value: (_view, args): Json => lowering(coveredFrom(args)).value,
  },
};

function pidsOf(covered: readonly {readonly pid: number}[]): JsonObject {
  return {pids: covered.map(({pid}) => pid)};
}

/** One of the covered processes, or one that they started meanwhile, carries our limit. */
const isShort: ContainerQuestion = async ({engine, view, args}): Promise<ProofAnswer> => {
  const why = elsewhere(args);
  if (why !== undefined) return {state: 'unknown', readings: {}, why};
  if (view === 'gone') return {state: 'absent', readings: {status: 'gone'}};
  const members = view.running ? ((await readMembers(engine, view)) ?? []) : [];
  const {lowered, exhausted, all} = lowering(coveredFrom(args), members);
  const readings = {...readingsOf(view), lowered: pidsOf(lowered), covered: all, exhausted};
  return {state: lowered.length > 0 ? 'in-force' : 'absent', readings, exercised: exhausted};
};

export const questions: Readonly<Record<string, ContainerQuestion>> = {'has-few-descriptors': isShort};
