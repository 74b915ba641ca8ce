import type {JsonObject} from '../../../../../quantities/json.js';
import {machineId} from '../../../../../system/processes.js';
import type {Change, Drafts, TargetRef} from '../../../../contract.js';
import {AS_BEFORE, coveredArguments, coverProcesses, LOWERED} from '../../../../linux/lowering.js';
import {needTool} from '../../../../linux/tools.js';
import {readMembers} from '../../engine/cgroup.js';
import type {Engine} from '../../engine/engine.js';
import {Draft, runningContainer, unsuitable} from '../drafting.js';
import {needHostPid} from '../host-tools.js';

async function exhaust(
  engine: Engine,
  target: TargetRef,
  options: Parameters<Drafts['descriptors']['exhaust']>[1],
): Promise<Change> {
  const view = await runningContainer(engine, target);
  needHostPid(engine, view, 'file-descriptor-exhaustion', '');
  needTool('prlimit', 'file-descriptor-exhaustion', 'util-linux');
  const covered = await coverProcesses((await readMembers(engine, view)) ?? [], options);
  if (covered.length === 0) {
    const which = options.processes === undefined ? 'no process' : `no process that matches \`${options.processes}\``;
    throw unsuitable(target, `has ${which} whose limit of descriptors is above what was asked for`);
  }
  const draft = new Draft(engine, view);
  const args: JsonObject = {machine: machineId(), ...coveredArguments(covered)};
  const proof = draft.op('has-few-descriptors', args);
  const each = covered.map(({pid, ours, was}) => `pid ${pid} to ${ours} (from ${was})`).join(', ');
  return {
    target: draft.ref,
    summary: `lower the soft limit of open descriptors in container ${view.name} (prlimit): ${shortened(each)}`,
    flip: draft.op('container.lower-descriptors', args),
    proof,
    undo: {
      ...draft.op('container.restore-descriptors', args),
      lifetime: 'incarnation',
      restore: {was: AS_BEFORE, ours: LOWERED},
      proof,
      manual: covered.map(({pid, was}) => `prlimit --pid ${pid} --nofile=${was}:`).join('; '),
    },
    claims: ['descriptors'],
    touches: ['descriptors'],
    keeper: 'guardian',
  };
}

const LONGEST = 200;

function shortened(text: string): string {
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
}

export function descriptorDrafts(engine: Engine): Drafts['descriptors'] {
  return {exhaust: (target, options) => exhaust(engine, target, options)};
}
