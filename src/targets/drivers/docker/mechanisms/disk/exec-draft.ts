import {posix} from 'node:path';
import type {JsonObject} from '../../../../../quantities/json.js';
import {formatSize} from '../../../../../quantities/size.js';
import {FiredrillError} from '../../../../../system/error.js';
import type {Change, TargetRef} from '../../../../contract.js';
import type {Space} from '../../../../linux/fill-file.js';
import {planFill, type FillRequest} from '../../../../linux/fill-plan.js';
import type {ContainerView} from '../../engine/container.js';
import type {Engine} from '../../engine/engine.js';
import {runScript} from './exec-operations.js';
import {Draft, draftSignal, unsuitable} from '../drafting.js';
import {accepted, tagOf} from '../host-tools.js';
import {hostAdvice} from '../../engine/host-pid.js';

/** Prints the folder without links, then what `df` says of it; a folder that may not be written to is an error. */
const PROBE = 'cd -P "$1" && [ -w . ] && command -v du rm dd >/dev/null && pwd -P && df -Pk .';

async function probe(engine: Engine, target: TargetRef, path: string): Promise<readonly string[]> {
  try {
    const said = await runScript(engine, target, {script: PROBE, words: [path]}, draftSignal());
    return said.trim().split('\n');
  } catch (cause) {
    throw new FiredrillError(
      'CAPABILITY_MISSING',
      `disk-fill of container \`${target.name}\` needs its host, or a shell with df, du, rm and dd in it and a folder \`${path}\` that can be written to.`,
      {hint: `${hostAdvice(engine)}, or use an image that has them.`, cause},
    );
  }
}

function spaceFrom(line: string): Space {
  const [source = '', total, , free] = line.trim().split(/\s+/);
  const room = Number(free) * 1024;
  return {total: Number(total) * 1024, free: room, freeForRoot: room, inMemory: source === 'tmpfs' || source === 'shm'};
}

/**
 * The fill where the host cannot be entered: by the container's own shell. Only what goes with the container can be
 * filled: nobody could remove a file from a volume once its container is gone.
 * @throws FiredrillError CAPABILITY_MISSING, TARGET_UNSUITABLE
 */
export async function fillInside(
  engine: Engine,
  target: TargetRef,
  view: ContainerView,
  request: FillRequest & {readonly path: string},
): Promise<Change> {
  const lines = await probe(engine, target, request.path);
  const folder = lines[0] ?? '/';
  const space = spaceFrom(lines.at(-1) ?? '');
  const isMounted = view.mounts.some(({destination}) => folder === destination || folder.startsWith(`${destination}/`));
  if (isMounted || space.inMemory) {
    const what = isMounted
      ? 'mounted there from elsewhere'
      : 'in the memory of a machine that cannot be seen from here';
    throw unsuitable(
      target,
      `has \`${folder}\` ${what}: that can only be filled from its host`,
      `${hostAdvice(engine)}, or fill its \`/\`.`,
    );
  }
  const plan = accepted(target, planFill(request, {space, asRoot: false, isMachines: true}));
  const draft = new Draft(engine, view);
  const file = `.firedrill-fill-${tagOf(view, 'disk-fill', [folder, request.bytes, request.share])}`;
  const args: JsonObject = {folder, file};
  return {
    target: draft.ref,
    summary: `write ${formatSize(plan.bytes)} to ${posix.join(folder, file)} in container ${view.name} (its own shell); ${formatSize(plan.left)} stay free`,
    flip: draft.op('container.fill-disk-inside', {...args, bytes: plan.bytes}),
    proof: draft.op('has-fill-inside', {...args, bytes: plan.bytes}),
    undo: {
      ...draft.op('container.remove-fill-inside', args),
      lifetime: 'object',
      proof: draft.op('has-fill-inside', args),
      manual: draft.manual('exec', view.name, 'rm', '-f', posix.join(folder, file)),
    },
    claims: [`disk:${folder}`],
    touches: [],
    keeper: 'guardian',
  };
}
