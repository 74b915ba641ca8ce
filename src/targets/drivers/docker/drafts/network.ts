import type {Change, Drafts, TargetRef} from '../../../contract.js';
import type {Attachment, ContainerView} from '../container.js';
import type {Engine} from '../engine.js';
import {attachmentValue} from '../operations/network.js';
import {Draft, runningContainer, unsuitable} from './drafting.js';

function chosen(view: ContainerView, target: TargetRef, network: string | undefined): readonly Attachment[] {
  const mode = view.networkMode;
  if (mode === 'host' || mode === 'none' || mode.startsWith('container:')) {
    throw unsuitable(target, `has no network of its own to be cut off from (network mode \`${mode}\`)`);
  }
  const found = view.attachments.filter(
    one => network === undefined || one.name === network || (network.length >= 12 && one.id.startsWith(network)),
  );
  if (found.length > 0) return found;
  const names = view.attachments.map(one => `\`${one.name}\``).join(', ');
  const wanted = network === undefined ? 'a network' : `network \`${network}\``;
  throw unsuitable(target, `is expected to be attached to ${wanted}; it is attached to ${names || 'none'}`);
}

function manualFlags({aliases, links, ipv4, ipv6}: Attachment): readonly string[] {
  return [
    ...aliases.map(alias => `--alias ${alias}`),
    ...links.map(link => `--link ${link}`),
    ...(ipv4 === null ? [] : [`--ip ${ipv4}`]),
    ...(ipv6 === null ? [] : [`--ip6 ${ipv6}`]),
  ];
}

function detach(draft: Draft, one: Attachment): Change {
  const network = {network: one.id, name: one.name};
  const proof = draft.op('is-detached', network);
  const was = attachmentValue(one);
  return {
    target: draft.ref,
    summary: `detach container ${draft.ref.name} from network ${one.name} (docker network disconnect)`,
    flip: draft.op('network.detach', network),
    proof,
    undo: {
      ...draft.op('network.attach', {...network, attachment: was}),
      lifetime: 'object',
      restore: {was, ours: null},
      proof,
      manual: draft.manual('network connect', ...manualFlags(one), one.name, draft.ref.name),
    },
    claims: [`network:${one.name}`],
    touches: ['networks'],
    keeper: 'guardian',
  };
}

async function disconnect(engine: Engine, target: TargetRef, network: string | undefined): Promise<readonly Change[]> {
  const view = await runningContainer(engine, target);
  const draft = new Draft(engine, view);
  return chosen(view, target, network).map(one => detach(draft, one));
}

export function networkDrafts(engine: Engine): Drafts['network'] {
  return {disconnect: (target, options) => disconnect(engine, target, options.network)};
}
