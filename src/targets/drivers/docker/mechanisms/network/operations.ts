import {readFileSync} from 'node:fs';
import type {Json, JsonObject} from '../../../../../quantities/json.js';
import {inspectContainer, readingsOf, type Attachment, type ContainerView} from '../../engine/container.js';
import type {Engine} from '../../engine/engine.js';
import {hostPid} from '../../engine/host-pid.js';
import {sameValue, textArgument, type Operation, type ContainerQuestion} from '../operation.js';

/** Names of the container's interfaces but for the loopback, sorted; undefined where they cannot be seen from here. */
export function interfacesOf(engine: Engine, view: ContainerView): readonly string[] | undefined {
  const found = hostPid(engine, view);
  if ('why' in found) return undefined;
  try {
    const rows = readFileSync(`/proc/${found.pid}/net/dev`, 'utf8').split('\n').slice(2);
    const names = rows.map(row => row.slice(0, Math.max(0, row.indexOf(':'))).trim());
    return names.filter(name => name !== '' && name !== 'lo').sort();
  } catch {
    return undefined;
  }
}

/** What can be put back of an attachment, as it stands in a debt; null when the container is not on the network. */
export function attachmentValue(attachment: Attachment | undefined): Json {
  if (attachment === undefined) return null;
  const {aliases, links, ipv4, ipv6, driverOptions} = attachment;
  return {aliases, links, ipv4, ipv6, driverOptions};
}

function attachmentOf(view: ContainerView, args: JsonObject): Attachment | undefined {
  const [id, name] = [textArgument(args, 'network'), textArgument(args, 'name')];
  // The engine resolves a stopped container's networks only when it starts: until then they have a name and no id.
  return view.attachments.find(one => (one.id === '' ? one.name === name : one.id === id));
}

function isAttached(view: ContainerView, args: JsonObject): boolean {
  return attachmentOf(view, args) !== undefined;
}

/** The engine's form of an attachment value; only what was asked for is asked for again. */
function endpointConfig(value: Json | undefined): object {
  const was = (value ?? {}) as Partial<Omit<Attachment, 'id' | 'name'>>;
  const addresses = {
    ...(typeof was.ipv4 === 'string' ? {IPv4Address: was.ipv4} : {}),
    ...(typeof was.ipv6 === 'string' ? {IPv6Address: was.ipv6} : {}),
  };
  return {
    ...(Object.keys(addresses).length > 0 ? {IPAMConfig: addresses} : {}),
    ...((was.aliases?.length ?? 0) > 0 ? {Aliases: was.aliases} : {}),
    ...((was.links?.length ?? 0) > 0 ? {Links: was.links} : {}),
    ...(Object.keys(was.driverOptions ?? {}).length > 0 ? {DriverOpts: was.driverOptions} : {}),
  };
}

const detach: Operation = {
  send: (engine, {ref, args}, {budgetMs}) => {
    const network = engine.docker.getNetwork(textArgument(args, 'network'));
    return engine.mutate(() => network.disconnect({Container: ref.object, Force: false}), budgetMs);
  },
  landed: (view, args) => !isAttached(view, args),
};

const attach: Operation = {
  send: (engine, {ref, args}, {budgetMs}) => {
    const network = engine.docker.getNetwork(textArgument(args, 'network'));
    const body = {Container: ref.object, EndpointConfig: endpointConfig(args['attachment'])};
    return engine.mutate(() => network.connect(body), budgetMs);
  },
  landed: isAttached,
  value: (view, args) => attachmentValue(attachmentOf(view, args)),
  remark: async (engine, {ref, args}, signal) => {
    const {interfaces} = args;
    if (!Array.isArray(interfaces)) return undefined;
    const were = interfaces.map(String);
    const view = await inspectContainer(engine, ref.object, signal);
    if (view === 'gone' || view.startedAt !== ref.incarnation) return undefined;
    const are = interfacesOf(engine, view) ?? were;
    // Until the last of its networks is back there is nothing to compare.
    if (are.length !== were.length || sameValue([...are], were)) return undefined;
    return `the interfaces of ${view.name} are ${are.join(', ')} now; before they were ${were.join(', ')}`;
  },
};

export const operations: Readonly<Record<string, Operation>> = {
  'network.detach': detach,
  'network.attach': attach,
};

const isDetached: ContainerQuestion = ({view, args}) => {
  if (view === 'gone') return {state: 'absent', readings: {status: 'gone'}};
  const networks = view.attachments.map(one => one.name);
  return {state: isAttached(view, args) ? 'absent' : 'in-force', readings: {...readingsOf(view), networks}};
};

export const questions: Readonly<Record<string, ContainerQuestion>> = {'is-detached': isDetached};
