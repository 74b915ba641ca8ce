import {posix} from 'node:path';
import type {JsonObject} from '../../../../../quantities/json.js';
import {FiredrillError} from '../../../../../system/error.js';
import type {Change} from '../../../../contract.js';
import type {Stress} from '../../../../linux/stressors.js';
import {stressArguments, type StressPlan} from '../../../../linux/stress-plan.js';
import type {ContainerView} from '../../engine/container.js';
import type {Engine} from '../../engine/engine.js';
import {runAside} from '../../entrance/aside.js';
import {complaintOf} from '../../../../linux/entrance.js';
import {draftSignal, type Draft} from '../drafting.js';
import {hostAdvice} from '../../engine/host-pid.js';

/** What would work where stress does not. */
export const INSTEAD: Readonly<Record<Stress['kind'], string>> = {
  cpu: 'use `cpu-throttle`',
  memory: 'use `memory-limit`',
  io: '',
};

/** Where the engine puts the cgroups of its containers when nobody says otherwise. */
const DEFAULT_PARENT = '/docker';

/** Why a helper's cgroup cannot be put below that of a container. */
function withoutNesting(info: {readonly CgroupDriver?: string; readonly CgroupVersion?: string}): string | undefined {
  if (info.CgroupDriver !== 'cgroupfs') {
    return `its engine uses the cgroup driver \`${info.CgroupDriver ?? 'unknown'}\`, which puts no container below another`;
  }
  // Engines before 20.10 know one version and do not say which.
  if ((info.CgroupVersion ?? '1') !== '1') return 'in cgroup v2 a cgroup that has processes can have none below it';
  return undefined;
}

/** @throws FiredrillError CAPABILITY_MISSING where a helper container could not stress this one. */
export async function checkHelper(
  engine: Engine,
  view: ContainerView,
  {image, kind}: {readonly image: string; readonly kind: Stress['kind']},
): Promise<void> {
  const missing = (why: string, hint: string) =>
    new FiredrillError('CAPABILITY_MISSING', `${kind}-stress of container \`${view.name}\` needs its host: ${why}.`, {
      hint,
    });
  const onHost = `${hostAdvice(engine)}, or ${INSTEAD[kind]}.`;
  const why = withoutNesting(await engine.info(draftSignal()));
  if (why !== undefined) throw missing(why, onHost);
  const ran = await runAside(engine, {kind: 'helper', image}, 'command -v stress-ng', draftSignal());
  if (ran.code === 0) return;
  if (ran.code === undefined) throw missing(complaintOf(ran), onHost);
  throw missing(`the helper image \`${image}\` has no \`stress-ng\``, `Use an image that has it. ${onHost}`);
}

/** Stress by a container that hangs on the target: see the operations. */
export function helperChange(
  draft: Draft,
  view: ContainerView,
  {plan, tag, image}: {readonly plan: StressPlan; readonly tag: string; readonly image: string},
): Change {
  const cgroup = posix.join(view.cgroupParent === '' ? DEFAULT_PARENT : view.cgroupParent, view.id);
  const args: JsonObject = {...stressArguments(tag, '', plan), image, cgroup};
  return {
    target: draft.ref,
    summary: `${plan.kind} stress below the cgroup of container ${view.name} (stress-ng in a helper container from ${image}): ${plan.words}`,
    prepare: draft.op('container.prepare-stress-helper', args),
    flip: draft.op('container.stress-helper', args),
    proof: draft.op('is-stressed-by-helper', args),
    undo: {
      ...draft.op('container.end-stress-helper', args),
      lifetime: 'incarnation',
      proof: draft.op('has-stress-helper', args),
      manual: draft.manual('rm', '-f', `firedrill-stress-${tag}`),
    },
    claims: [`${plan.kind}-stress`],
    touches: [],
    keeper: 'target',
  };
}
