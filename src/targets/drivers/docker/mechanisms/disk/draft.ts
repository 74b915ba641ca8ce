import {posix} from 'node:path';
import type {JsonObject} from '../../../../../quantities/json.js';
import {formatSize} from '../../../../../quantities/size.js';
import {machineId} from '../../../../../system/processes.js';
import type {Change, Drafts, TargetRef} from '../../../../contract.js';
import {runsAsRoot} from '../../../../linux/machine.js';
import {needTool} from '../../../../linux/tools.js';
import type {Engine} from '../../engine/engine.js';
import {entranceOf} from '../../entrance/entrance.js';
import {containerFolderFrom} from '../container-folder.js';
import {fillInside} from './exec-draft.js';
import {Draft, runningContainer} from '../drafting.js';
import {needHostPid, tagOf} from '../host-tools.js';
import {siteOf} from '../stress/draft.js';
import {quoteForShell} from '../../../shell-words.js';

/** A container's `/` is its writable layer. */
const WRITABLE_LAYER = '/';

async function fill(
  engine: Engine,
  target: TargetRef,
  options: Parameters<Drafts['disk']['fill']>[1],
): Promise<Change> {
  const view = await runningContainer(engine, target);
  const path = options.path ?? WRITABLE_LAYER;
  if (entranceOf(engine, view).kind === 'helper') return fillInside(engine, target, view, {...options, path});
  const pid = needHostPid(engine, view, 'disk-fill', '');
  needTool('fallocate', 'disk-fill', 'util-linux');
  const {bytes, left, place} = await siteOf({engine, target, view, pid}, path, {...options, asRoot: runsAsRoot(pid)});
  const draft = new Draft(engine, view);
  const {inside, kind, root, below} = containerFolderFrom(place);
  const file = `.firedrill-fill-${tagOf(view, 'disk-fill', [path, options.bytes, options.share])}`;
  const args: JsonObject = {machine: machineId(), place, file};
  const onHost = kind === 'mount' && root !== null;
  return {
    target: draft.ref,
    summary:
      `write ${formatSize(bytes)} to ${posix.join(inside, file)} in container ${view.name}` +
      ` (${kind === 'layer' ? 'its writable layer' : kind === 'mount' ? `mounted from ${String(root)}` : 'a tmpfs: it is memory'}); ${formatSize(left)} stay free`,
    flip: draft.op('container.fill-disk', {...args, bytes}),
    proof: draft.op('has-fill', {...args, bytes}),
    undo: {
      ...draft.op('container.remove-fill', args),
      lifetime: kind === 'memory' ? 'incarnation' : 'object',
      proof: draft.op('has-fill', args),
      manual: onHost
        ? `rm -f -- ${quoteForShell(posix.join(root, below, file))}`
        : draft.manual('exec', view.name, 'rm', '-f', posix.join(inside, file)),
    },
    claims: [`disk:${inside}`],
    touches: [],
    keeper: 'guardian',
  };
}

export function diskDrafts(engine: Engine): Drafts['disk'] {
  return {fill: (target, options) => fill(engine, target, options)};
}
