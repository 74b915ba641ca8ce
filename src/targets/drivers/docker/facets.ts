import type {Json, JsonObject} from '../../../quantities/json.js';
import type {TargetRef} from '../../contract.js';
import type {Attachment, ContainerView} from './engine/container.js';
import type {Engine} from './engine/engine.js';
import {readNamespaces} from './entrance/namespace-facets.js';
import {effectiveCpus, memoryValue} from './mechanisms/resources/operations.js';
import {listById, viewsOf} from './engine/views.js';

function networkFacet({aliases, links, ipv4, ipv6}: Attachment): Json {
  return {aliases, links, ipv4, ipv6};
}

/** What is compared before and after a run: settings and states, nothing that moves by itself. */
export function facetsOf(view: ContainerView): JsonObject {
  return {
    running: view.running,
    paused: view.paused,
    networks: Object.fromEntries(view.attachments.map(one => [one.name, networkFacet(one)])),
    cpu: effectiveCpus(view.cpu),
    memory: memoryValue(view.memory),
    pids: view.pidsLimit,
    restarts: view.restarts,
    // `starting` is on its way to healthy: only `unhealthy` is worth a difference.
    health: view.health === 'starting' ? 'healthy' : view.health,
    restartPolicy: view.restartPolicy.name === '' ? 'no' : view.restartPolicy.name,
    image: view.image,
  };
}

/** `{exists: false}` for one that is gone. */
export async function readFacets(
  engine: Engine,
  refs: readonly TargetRef[],
  signal: AbortSignal,
): Promise<Readonly<Record<string, JsonObject>>> {
  const objects = [...new Set(refs.map(ref => ref.object))];
  const asOf = engine.time().earliest;
  const listed = await listById(engine, objects, signal);
  const seen = new Map(listed.map(({Id}) => Id).map((id, index) => [id, index]));
  const found = await viewsOf(engine).of(listed, asOf, signal);
  const views = objects.map(id => found[seen.get(id) ?? -1] ?? 'gone');
  const inside = await readNamespaces(engine, views, signal);
  return Object.fromEntries(
    objects.map((id, index) => {
      const view = views[index];
      return [id, view === undefined || view === 'gone' ? {exists: false} : {...facetsOf(view), ...inside[index]}];
    }),
  );
}
