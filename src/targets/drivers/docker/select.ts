import type {JsonObject} from '../../../quantities/json.js';
import type {Candidate} from '../../contract.js';
import {inspectContainer, refOf, type ContainerView} from './container.js';
import {IN_FLIGHT, type Engine} from './engine.js';
import {mapInFlight} from './in-flight.js';
import {ownContainerIds} from './own.js';
import type {DockerSelector} from './selector.js';

const PROTECT = 'firedrill.protect';

type Filters = Record<string, string[]>;

/** RE2, which the engine filters with, has no look-around and no back-references: such patterns are matched here only. */
const BEYOND_RE2 = /\(\?[=!<]|\\[1-9k]/;

function escape(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

function labelFilters(selector: DockerSelector): string[] {
  const labels = Object.entries(selector.labels ?? {}).map(([key, value]) => `${key}=${value}`);
  if (selector.project !== undefined) labels.push(`com.docker.compose.project=${selector.project}`);
  if (selector.service !== undefined) labels.push(`com.docker.compose.service=${selector.service}`);
  return labels;
}

/** What the engine filters itself; everything here is AND-ed, so one list call answers. */
export function filtersOf(selector: DockerSelector): Filters {
  const filters: Filters = {};
  const labels = labelFilters(selector);
  if (labels.length > 0) filters['label'] = labels;
  if (selector.image !== undefined) filters['ancestor'] = [selector.image];
  if (selector.network !== undefined) filters['network'] = [selector.network];
  if (selector.name !== undefined) filters['name'] = [`^/?${escape(selector.name)}$`];
  else if (selector.namePattern !== undefined && !BEYOND_RE2.test(selector.namePattern)) {
    filters['name'] = [`^/?(?:${selector.namePattern})$`];
  }
  return filters;
}

/** What the engine cannot filter, or filters a little differently. */
export function matches(selector: DockerSelector, view: ContainerView): boolean {
  const pattern = selector.namePattern;
  if (pattern !== undefined && !new RegExp(`^(?:${pattern})$`, 'u').test(view.name)) return false;
  return selector.service === undefined || view.labels['com.docker.compose.oneoff'] !== 'True';
}

/** Why a container must never be hit; undefined when it may. */
export function protection(view: ContainerView, own: readonly string[]): string | undefined {
  if (view.labels[PROTECT] === 'true') return `label ${PROTECT}=true`;
  if (own.some(id => view.id.startsWith(id))) return 'Firedrill runs in it';
  const ours = Object.keys(view.labels).find(key => key.startsWith('firedrill.') && key !== PROTECT);
  return ours === undefined ? undefined : `it is Firedrill's own (label ${ours})`;
}

async function list(engine: Engine, filters: Filters, all: boolean, signal: AbortSignal): Promise<readonly string[]> {
  const found = (await engine.read(
    abortSignal => engine.docker.listContainers({all, filters: JSON.stringify(filters), abortSignal}),
    signal,
  )) as readonly {readonly Id: string}[];
  return found.map(container => container.Id);
}

async function idsOf(engine: Engine, selector: DockerSelector, signal: AbortSignal): Promise<readonly string[]> {
  const filters = filtersOf(selector);
  const all = selector.all === true;
  const ids = await list(engine, filters, all, signal);
  if (ids.length > 0 || selector.name === undefined || !/^[0-9a-f]{12,64}$/.test(selector.name)) return ids;
  const {name: _, ...others} = filters;
  return list(engine, {...others, id: [selector.name]}, all, signal);
}

function detailsOf(view: ContainerView): JsonObject {
  return {
    id: view.id.slice(0, 12),
    image: view.image,
    labels: view.labels,
    restart: view.restartPolicy.name,
    networks: view.attachments.map(one => one.name),
    ...(view.autoRemove ? {autoRemove: true} : {}),
  };
}

/** One list call with the filters pushed down, then an inspect of each match, a few at a time. Sorted by name. */
export async function resolveContainers(
  engine: Engine,
  selector: JsonObject,
  signal: AbortSignal,
): Promise<readonly Candidate[]> {
  const wanted = selector as DockerSelector;
  const own = ownContainerIds();
  const ids = await idsOf(engine, wanted, signal);
  // One that vanishes between the list and its inspect was no candidate; it must not fail the others.
  const views = await mapInFlight(ids, IN_FLIGHT, id => inspectContainer(engine, id, signal));
  return views
    .filter(view => view !== 'gone')
    .filter(view => matches(wanted, view))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map(view => {
      const why = protection(view, own);
      const base = {ref: refOf(engine, view), status: view.status, details: detailsOf(view)};
      return why === undefined ? base : {...base, protectedBy: why};
    });
}
