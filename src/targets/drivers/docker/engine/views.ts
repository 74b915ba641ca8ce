import {inspectContainer, listContainers, type ContainerView} from './container.js';
import {IN_FLIGHT, type Engine} from './engine.js';
import {touchedBetween} from './events.js';
import {mapInFlight} from '../../../../system/in-flight.js';

/** Ids in one list request: they are part of its address. */
const MOST_IDS = 100;
/** With fewer, reading them is as cheap as asking whether they changed. */
const FEWEST = 3;
/** A draft that follows a look at once takes what it saw. */
const FRESH_MS = 2_000;

interface ListedEndpoint {
  readonly EndpointID?: string;
  readonly MacAddress?: string;
  readonly IPAddress?: string;
  readonly GlobalIPv6Address?: string;
  /** Addresses of the engine's host on this network. */
  readonly Gateway?: string;
  readonly IPv6Gateway?: string;
}

/** A container as a list shows it. */
export interface ListedContainer {
  readonly Id: string;
  readonly Names?: readonly string[];
  readonly Image?: string;
  readonly Command?: string;
  readonly Labels?: Readonly<Record<string, string>> | null;
  /** `running`, `paused`, `exited`, …; engines before 1.11 leave it out. */
  readonly State?: string;
  /** For people: `Up 3 hours (healthy)`. */
  readonly Status?: string;
  readonly NetworkSettings?: {
    readonly Networks?: Readonly<Record<string, ListedEndpoint>> | null;
  };
}

/** These containers, whatever their state, by one list for each hundred. One that is not in it is gone. */
export async function listById(
  engine: Engine,
  ids: readonly string[],
  signal: AbortSignal,
): Promise<readonly ListedContainer[]> {
  if (ids.length === 0) return [];
  const found = await listContainers<ListedContainer>(
    engine,
    {all: true, filters: {id: ids.slice(0, MOST_IDS)}},
    signal,
  );
  return [...found, ...(await listById(engine, ids.slice(MOST_IDS), signal))];
}

/**
 * What a list shows of a running container that another start of it would not show: every start makes new endpoints.
 * Undefined where nothing would tell them apart.
 */
function printOf({Names, Image, Labels, State, Status, NetworkSettings}: ListedContainer): string | undefined {
  const endpoints = Object.entries(NetworkSettings?.Networks ?? {});
  const isTelling = endpoints.length > 0 && endpoints.every(([, {EndpointID = ''}]) => EndpointID !== '');
  if (State !== 'running' || !isTelling) return undefined;
  const health = /\(.*\)/.exec(Status ?? '')?.[0];
  return JSON.stringify([
    Names,
    Image,
    Labels,
    health,
    endpoints.map(([name, one]) => [name, one.EndpointID, one.MacAddress]),
  ]);
}

interface Seen {
  readonly view: ContainerView;
  readonly print: string | undefined;
  /** By the engine's clock, ms; it was read after this. */
  since: number;
  /** When it was read or found unchanged, by our clock, ms; a draft takes it once. */
  freshAt: number | undefined;
}

/**
 * Containers as this connection saw them. One that a list shows as it was then, and of which the engine's events tell
 * nothing since, is not read again.
 */
class Views {
  private readonly seen = new Map<string, Seen>();

  constructor(private readonly engine: Engine) {}

  /** One view for each listed container, in order. `asOf`: the engine's time before the list was asked for. */
  async of(
    listed: readonly ListedContainer[],
    asOf: number,
    signal: AbortSignal,
  ): Promise<readonly (ContainerView | 'gone')[]> {
    const same = listed.filter(one => {
      const print = printOf(one);
      return print !== undefined && this.seen.get(one.Id)?.print === print;
    });
    const touched = await this.touched(same, signal);
    const unchanged = new Set(same.map(({Id}) => Id).filter(id => touched?.has(id) === false));
    return mapInFlight(listed, IN_FLIGHT, async one => {
      const seen = this.seen.get(one.Id);
      if (seen === undefined || !unchanged.has(one.Id)) return this.read(one, asOf, signal);
      seen.since = asOf;
      seen.freshAt = performance.now();
      return seen.view;
    });
  }

  /** What was seen a moment ago, once: whoever asks again has to look. */
  take(id: string): ContainerView | undefined {
    const seen = this.seen.get(id);
    if (seen?.freshAt === undefined || performance.now() - seen.freshAt > FRESH_MS) return undefined;
    seen.freshAt = undefined;
    return seen.view;
  }

  private async read(one: ListedContainer, asOf: number, signal: AbortSignal): Promise<ContainerView | 'gone'> {
    this.seen.delete(one.Id);
    const view = await inspectContainer(this.engine, one.Id, signal);
    if (view !== 'gone') this.seen.set(one.Id, {view, print: printOf(one), since: asOf, freshAt: performance.now()});
    return view;
  }

  /** Whose events there were since these were seen; undefined where that is not known. */
  private async touched(
    same: readonly ListedContainer[],
    signal: AbortSignal,
  ): Promise<ReadonlySet<string> | undefined> {
    const since = Math.min(...same.map(({Id}) => this.seen.get(Id)?.since ?? NaN));
    if (same.length < FEWEST || Number.isNaN(since)) return undefined;
    try {
      return await touchedBetween(this.engine, since, this.engine.time().latest, signal);
    } catch {
      signal.throwIfAborted();
      return undefined;
    }
  }
}

const OF_ENGINES = new WeakMap<Engine, Views>();

/** What this connection saw. */
export function viewsOf(engine: Engine): Views {
  const views = OF_ENGINES.get(engine) ?? new Views(engine);
  OF_ENGINES.set(engine, views);
  return views;
}
