import type {TargetRef} from '../../contract.js';
import {isLoopback, tcpTableFrom} from '../../linux/tcp-table.js';
import {peersOf, type SeenConnection} from '../../peers.js';
import {
  MOST_SURROUNDINGS,
  type Instance,
  type Mishap,
  type Surrounding,
  type Surroundings,
} from '../../surroundings.js';
import {listContainers, type ContainerView} from './engine/container.js';
import type {Engine} from './engine/engine.js';
import {readMishaps} from './engine/events.js';
import {viewsOf, type ListedContainer} from './engine/views.js';
import {entranceOf} from './entrance/entrance.js';
import {entranceTo} from './entrance/run.js';

/** As many connections as are read: 150 bytes a row. */
const MOST_BYTES = 600_000;
const SCRIPT = `for table in tcp tcp6; do head -c ${MOST_BYTES} /proc/net/$table 2>/dev/null; echo; done; exit 0`;

const PROJECT = 'com.docker.compose.project';
const SERVICE = 'com.docker.compose.service';

const nameOf = ({Names, Id}: ListedContainer): string => (Names?.[0] ?? Id.slice(0, 12)).replace(/^\//, '');
const labelOf = ({Labels}: ListedContainer, name: string): string | undefined => Labels?.[name];
const networksOf = ({NetworkSettings}: ListedContainer) => Object.entries(NetworkSettings?.Networks ?? {});
const isOurs = ({Labels}: ListedContainer) =>
  Object.keys(Labels ?? {}).some(label => label.startsWith('firedrill.') && label !== 'firedrill.protect');

function shareNetwork(one: ListedContainer, other: ListedContainer): boolean {
  const names = new Set(networksOf(one).map(([name]) => name));
  return networksOf(other).some(([name]) => names.has(name));
}

/** Whether both do the same: one service of Compose, else one image with one command on a shared network. */
function doTheSame(one: ListedContainer, other: ListedContainer): boolean {
  const service = labelOf(one, SERVICE);
  if (service !== undefined)
    return labelOf(other, SERVICE) === service && labelOf(other, PROJECT) === labelOf(one, PROJECT);
  return one.Image === other.Image && one.Command === other.Command && shareNetwork(one, other);
}

function instancesOf(target: ListedContainer, all: readonly ListedContainer[]): readonly Instance[] {
  return all
    .filter(one => one.Id === target.Id || (doTheSame(target, one) && !isOurs(one)))
    .map(one => ({name: nameOf(one), serving: one.State === 'running' && !/\(unhealthy\)/.test(one.Status ?? '')}))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Who has which address: containers by their name, and the engine's host by its addresses on their networks. */
function namesByAddress(all: readonly ListedContainer[]): ReadonlyMap<string, SeenConnection['peer']> {
  const names = new Map<string, SeenConnection['peer']>();
  const add = (address: string | undefined, peer: SeenConnection['peer']) => {
    if (address !== undefined && address !== '') names.set(address, peer);
  };
  for (const one of all)
    for (const [, {Gateway, IPv6Gateway}] of networksOf(one))
      for (const address of [Gateway, IPv6Gateway]) add(address, {name: 'the host', kind: 'host'});
  for (const one of all)
    for (const [, {IPAddress, GlobalIPv6Address}] of networksOf(one))
      for (const address of [IPAddress, GlobalIPv6Address]) add(address, {name: nameOf(one), kind: 'container'});
  return names;
}

/** Why the connections of a container cannot be read, or are not its own. */
function obstacle(engine: Engine, view: ContainerView | 'gone' | undefined): string | undefined {
  if (view === undefined || view === 'gone') return 'it is gone';
  if (!view.running) return 'it does not run';
  if (view.networkMode === 'host') return 'it uses the network of its host, whose connections are not its own';
  if (view.networkMode.startsWith('container:')) return 'it shares the network of another container';
  return entranceOf(engine, view).kind === 'nsenter' ? undefined : 'its network cannot be entered without a helper';
}

function seenIn(table: string, names: ReadonlyMap<string, SeenConnection['peer']>): readonly SeenConnection[] {
  const {listening, connections} = tcpTableFrom(table);
  return connections.flatMap(({local, remote}) => {
    if (isLoopback(remote.address)) return [];
    const way = listening.has(local.port) ? 'from' : 'to';
    const peer = names.get(remote.address) ?? {name: remote.address, kind: 'address'};
    return [{peer, way, port: way === 'from' ? local.port : remote.port}];
  });
}

/** What befell the targets, and containers that share a network or a Compose project with one. */
async function mishapsOf(
  engine: Engine,
  around: {readonly targets: readonly ListedContainer[]; readonly all: readonly ListedContainer[]},
  since: string,
  signal: AbortSignal,
): Promise<readonly Mishap[]> {
  const {targets, all} = around;
  const project = (one: ListedContainer) => labelOf(one, PROJECT);
  const isNear = (one: ListedContainer) =>
    targets.some(
      target =>
        target.Id === one.Id ||
        (project(target) !== undefined && project(target) === project(one)) ||
        shareNetwork(target, one),
    );
  const near = new Set(all.filter(one => isNear(one) && !isOurs(one)).map(({Id}) => Id));
  const {latest} = engine.time();
  const aheadMs = latest - Date.now();
  const found = await readMishaps(engine, {sinceMs: Number(since), untilMs: latest}, signal);
  return found
    .filter(({object}) => near.has(object))
    .slice(0, MOST_SURROUNDINGS.mishaps)
    .map(({atMs, ...mishap}) => ({at: new Date(atMs - aheadMs).toISOString(), ...mishap}));
}

/**
 * Looks around containers: one list of all, one look into the network of each (where that takes no helper), and after
 * the first look one question for the engine's events.
 */
export async function lookAround(
  engine: Engine,
  refs: readonly TargetRef[],
  since: string | undefined,
  signal: AbortSignal,
): Promise<Surroundings> {
  const asOf = engine.time().earliest;
  const all = await listContainers<ListedContainer>(engine, {all: true, filters: {}}, signal);
  const byId = new Map(all.map(one => [one.Id, one]));
  const objects = [...new Set(refs.map(({object}) => object))];
  const targets = objects.flatMap(object => byId.get(object) ?? []);
  const mishaps = since === undefined ? [] : await mishapsOf(engine, {targets, all}, since, signal);
  const looked = targets.slice(0, MOST_SURROUNDINGS.targets);
  const views = await viewsOf(engine).of(looked, asOf, signal);
  const entered = views.flatMap((view, index) =>
    view !== 'gone' && obstacle(engine, view) === undefined ? [{view, index}] : [],
  );
  const ran = await entranceTo(engine).run(
    entered.map(({view}) => ({place: view, script: SCRIPT})),
    {signal},
  );
  const tables = new Map(entered.map(({index}, nth) => [index, ran[nth]]));
  const names = namesByAddress(all);
  const surroundings = looked.map((target, index): Surrounding => {
    const table = tables.get(index);
    const why = obstacle(engine, views[index]) ?? (table?.code === 0 ? undefined : 'its connections could not be read');
    const peers = why === undefined ? peersOf(seenIn(table?.stdout ?? '', names)) : {peers: [], why};
    return {object: target.Id, name: nameOf(target), ...peers, instances: instancesOf(target, all)};
  });
  return {asOf: String(asOf), targets: surroundings, mishaps};
}
