import type {JsonObject} from '../../../quantities/json.js';
import {compilePattern, linearSyntax} from '../../../quantities/pattern.js';
import type {Candidate} from '../../contract.js';
import {listContainers, refOf, type ContainerView} from './engine/container.js';
import type {Engine} from './engine/engine.js';
import {ownContainerIds} from './own.js';
import type {DockerSelector} from './selector.js';
import {viewsOf, type ListedContainer} from './engine/views.js';

const PROTECT = 'firedrill.protect';

type Filters = Record<string, string[]>;

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
  else if (selector.namePattern !== undefined) {
    filters['name'] = [`^/?(?:${linearSyntax(selector.namePattern)})$`];
  }
  return filters;
}

/** What the engine cannot filter, or filters a little differently. */
export function matches(selector: DockerSelector, view: ContainerView): boolean {
  const pattern = selector.namePattern;
  if (pattern !== undefined && !compilePattern(pattern, {whole: true}).test(view.name)) return false;
  return selector.service === undefined || view.labels['com.docker.compose.oneoff'] !== 'True';
}

/** Why a container must never be hit; undefined when it may. */
export function protection(view: ContainerView, own: readonly string[]): string | undefined {
  if (view.labels[PROTECT] === 'true') return `label ${PROTECT}=true`;
  if (own.some(id => view.id.startsWith(id))) return 'Firedrill runs in it';
  const ours = Object.keys(view.labels).find(key => key.startsWith('firedrill.') && key !== PROTECT);
  return ours === undefined ? undefined : `it is Firedrill's own (label ${ours})`;
}

async function listedFor(
  engine: Engine,
  selector: DockerSelector,
  signal: AbortSignal,
): Promise<readonly ListedContainer[]> {
  const filters = filtersOf(selector);
  const all = selector.all === true;
  const found = await listContainers<ListedContainer>(engine, {all, filters}, signal);
  if (found.length > 0 || selector.name === undefined || !/^[0-9a-f]{12,64}$/.test(selector.name)) return found;
  const {name: _, ...others} = filters;
  return listContainers(engine, {all, filters: {...others, id: [selector.name]}}, signal);
}

function detailsOf(view: ContainerView): JsonObject {
  return {
    id: view.id.slice(0, 12),
    image: view.image,
    labels: view.labels,
    restart: view.restartPolicy.name,
    networks: view.attachments.map(one => one.name),
    addresses: [...view.addresses],
    ...(view.autoRemove ? {autoRemove: true} : {}),
  };
}

export function candidateFrom(engine: Engine, view: ContainerView, own = ownContainerIds()): Candidate {
  const why = protection(view, own);
  const base = {ref: refOf(engine, view), status: view.status, details: detailsOf(view)};
  return why === undefined ? base : {...base, protectedBy: why};
}

/**
 * One list call with the filters pushed down, then an inspect of each match that may have changed, a few at a time.
 * Sorted by name.
 */
export async function resolveContainers(
  engine: Engine,
  selector: JsonObject,
  signal: AbortSignal,
): Promise<readonly Candidate[]> {
  const wanted = selector as DockerSelector;
  const own = ownContainerIds();
  const asOf = engine.time().earliest;
  const listed = await listedFor(engine, wanted, signal);
  // One that vanishes between the list and its inspect was no candidate; it must not fail the others.
  const views = await viewsOf(engine).of(listed, asOf, signal);
  return views
    .filter(view => view !== 'gone')
    .filter(view => matches(wanted, view))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map(view => candidateFrom(engine, view, own));
}
