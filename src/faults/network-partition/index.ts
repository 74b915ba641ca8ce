import {FiredrillError} from '../../system/error.js';
import type {Cut, TargetRef} from '../../targets/contract.js';
import {defineForms, form, type DraftRequest} from '../contract.js';
import {filterOf} from '../packets.js';
import {connectionParameters, containerParameters} from './parameters.js';

type Parameters = ReturnType<ReturnType<typeof containerParameters>['parse']>;
type PartitionRequest = DraftRequest<Parameters, 'partition'>;
type NamedTargets = PartitionRequest['named'];

function refsOf(named: NamedTargets, name: string): readonly TargetRef[] {
  const refs = named[name];
  if (refs !== undefined) return refs;
  throw new FiredrillError('TARGET_UNSUITABLE', `expected the name of a target; nothing is found for \`${name}\``);
}

/** Only containers of the same engine have addresses that rules in a container can name. */
function demandContainers(peers: readonly TargetRef[], target: TargetRef): void {
  const other = peers.find(({kind, endpoint}) => kind !== 'container' || endpoint !== target.endpoint);
  if (other === undefined) return;
  throw new FiredrillError(
    'TARGET_UNSUITABLE',
    `expected containers of the engine of \`${target.name}\` to cut it off from; \`${other.name}\` is a ${other.kind}${other.kind === 'container' ? ' of another engine' : ''}`,
    {hint: 'Name its address in `hosts`.'},
  );
}

/** All in other groups but those with whom it is in one. Throws TARGET_UNSUITABLE when it is in none. */
function acrossGroups(target: TargetRef, groups: readonly (readonly TargetRef[])[]): readonly TargetRef[] {
  const isIn = (group: readonly TargetRef[]) => group.some(({object}) => object === target.object);
  const mine = groups.filter(isIn);
  if (mine.length === 0) {
    throw new FiredrillError(
      'TARGET_UNSUITABLE',
      `expected \`${target.name}\` in a group of \`between\`; it is in none`,
      {
        hint: 'Add the target of the file that it belongs to, or take it out of `targets`.',
      },
    );
  }
  const friends = new Set(mine.flat().map(({object}) => object));
  const others = new Map(groups.flat().map(ref => [ref.object, ref]));
  return [...others.values()].filter(({object}) => !friends.has(object));
}

function cutsOf({targets, parameters, named, forMs}: PartitionRequest): readonly Cut[] {
  const {from = [], between, hosts, action, ...rest} = parameters;
  const groups = between?.map(group => group.flatMap(name => refsOf(named, name)));
  const listed = from.flatMap(name => refsOf(named, name));
  return targets.flatMap(target => {
    const peers = (groups === undefined ? listed : acrossGroups(target, groups)).filter(
      ({object}) => object !== target.object,
    );
    demandContainers(peers, target);
    // Whoever is in a group with everyone, or is itself all there is in `from`, has nobody to lose.
    if (peers.length === 0 && (groups !== undefined || from.length > 0) && hosts === undefined) return [];
    return [{target, peers, filter: filterOf({...rest, address: hosts}), action, forMs}];
  });
}

export const fault = defineForms(
  {
    name: 'network-partition',
    summary: 'Cuts the target off from others, or from everyone.',
    nature: 'state',
  },
  form({
    hits: ['container'],
    needs: ['partition'],
    parameters: containerParameters,
    draft: request => request.can.partition.cut(cutsOf(request)),
  }),
  form({
    hits: ['connection'],
    needs: ['connection'],
    parameters: connectionParameters,
    draft: ({targets, can, forMs}) => Promise.all(targets.map(target => can.connection.down(target, {ttlMs: forMs}))),
  }),
);
