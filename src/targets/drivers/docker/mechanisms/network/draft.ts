import type {Change, Drafts, TargetRef} from '../../../../contract.js';
import type {Attachment, ContainerView} from '../../engine/container.js';
import type {Engine} from '../../engine/engine.js';
import {attachmentValue, interfacesOf} from './operations.js';
import {Draft, runningContainer, unsuitable} from '../drafting.js';
import {demandOwnNetwork, namedSharers, reaching, sharersOf, type Sharer} from '../shared-network.js';

function chosen(view: ContainerView, target: TargetRef, network: string | undefined): readonly Attachment[] {
  demandOwnNetwork(view, target, 'disconnect');
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
    ...aliases.flatMap(alias => ['--alias', alias]),
    ...links.flatMap(link => ['--link', link]),
    ...(ipv4 === null ? [] : ['--ip', ipv4]),
    ...(ipv6 === null ? [] : ['--ip6', ipv6]),
  ];
}

interface Detaching {
  readonly draft: Draft;
  readonly sharing: readonly Sharer[];
  readonly interfaces: readonly string[] | undefined;
}

function detach(one: Attachment, {draft, sharing, interfaces}: Detaching): Change {
  const network = {network: one.id, name: one.name};
  const proof = draft.op('is-detached', network);
  const was = attachmentValue(one);
  const also = sharing.length === 0 ? '' : `, and with it ${namedSharers(sharing)} who share its network,`;
  return {
    target: draft.ref,
    summary: `detach container ${draft.ref.name}${also} from network ${one.name} (docker network disconnect); its interface there has another name afterwards (eth0 becomes eth1 or higher)`,
    flip: draft.op('network.detach', network),
    proof,
    undo: {
      ...draft.op('network.attach', {...network, attachment: was, ...(interfaces === undefined ? {} : {interfaces})}),
      lifetime: 'object',
      restore: {was, ours: null},
      proof,
      manual: draft.manual('network', 'connect', ...manualFlags(one), one.name, draft.ref.name),
    },
    claims: [`network:${one.name}`],
    touches: ['networks'],
    ...reaching(sharing),
    keeper: 'guardian',
  };
}

async function disconnect(engine: Engine, target: TargetRef, network: string | undefined): Promise<readonly Change[]> {
  const view = await runningContainer(engine, target);
  const draft = new Draft(engine, view);
  const attachments = chosen(view, target, network);
  const detaching = {draft, sharing: await sharersOf(engine, view), interfaces: interfacesOf(engine, view)};
  return attachments.map(one => detach(one, detaching));
}

export function networkDrafts(engine: Engine): Drafts['network'] {
  return {disconnect: (target, options) => disconnect(engine, target, options.network)};
}
