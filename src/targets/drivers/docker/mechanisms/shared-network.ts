import {FiredrillError} from '../../../../system/error.js';
import type {Candidate, Change, TargetRef} from '../../../contract.js';
import {inspectContainer, type ContainerView} from '../engine/container.js';
import {IN_FLIGHT, type Engine} from '../engine/engine.js';
import {mapInFlight} from '../../../../system/in-flight.js';
import {HELPER_LABEL} from '../entrance/helper-container.js';
import {readNeighbours, type Neighbours} from '../entrance/neighbours.js';
import {containerPorts} from '../engine/listening.js';
import {candidateFrom} from '../select.js';
import {draftSignal, unsuitable} from './drafting.js';

/** A container that lives in the network namespace of another one. */
export interface Sharer {
  readonly candidate: Candidate;
  /** TCP ports on which it listens there; empty where its processes cannot be seen from here. */
  readonly ports: readonly number[];
}

/**
 * A network namespace that is somebody else's is not the target's to break.
 * @param verb what would be done to the host, such as `shape`
 * @throws FiredrillError TARGET_UNSUITABLE
 */
export function demandOwnNetwork({networkMode: mode}: ContainerView, target: TargetRef, verb: string): void {
  if (mode === 'host') throw unsuitable(target, `uses the network of the host: this would ${verb} the host`);
  if (mode === 'none') throw unsuitable(target, 'has no network (network mode `none`)');
  if (mode.startsWith('container:')) {
    throw unsuitable(target, `shares the network of another container (\`${mode}\`)`, 'Select that one.');
  }
}

/**
 * Who else is hit by what happens in the container's network namespace.
 * @throws FiredrillError TARGET_PROTECTED when one of them must never be hit
 */
export async function sharersOf(
  engine: Engine,
  {id, name}: ContainerView,
  given?: Neighbours,
): Promise<readonly Sharer[]> {
  const signal = draftSignal();
  const sharing = (given ?? (await readNeighbours(engine, signal))).sharing(id);
  const views = await mapInFlight(sharing, IN_FLIGHT, one => inspectContainer(engine, one.id, signal));
  // What stands beside the container because Firedrill put it there is the fault, not a target of it.
  const others = views.filter(view => view !== 'gone').filter(({labels}) => labels[HELPER_LABEL] !== id);
  return mapInFlight(others, IN_FLIGHT, async view => {
    const candidate = candidateFrom(engine, view);
    if (candidate.protectedBy === undefined) return {candidate, ports: await containerPorts(engine, view)};
    throw new FiredrillError(
      'TARGET_PROTECTED',
      `container \`${name}\` shares its network with \`${view.name}\`, which this would hit too and which is protected: ${candidate.protectedBy}`,
      {hint: 'Choose another target; protection cannot be switched off by an experiment.'},
    );
  });
}

/** "sidecar (port 9090), proxy"; '' when there are none. */
export function namedSharers(sharing: readonly Sharer[]): string {
  return sharing
    .map(({candidate: {ref}, ports}) => {
      const where = ports.length === 0 ? '' : ` (${ports.length === 1 ? 'port' : 'ports'} ${ports.join(', ')})`;
      return `${ref.name}${where}`;
    })
    .join(', ');
}

/** ", and sidecar (port 9090) who share its network"; '' when there are none. */
export function alsoHit(sharing: readonly Sharer[]): string {
  return sharing.length === 0 ? '' : `, and ${namedSharers(sharing)} who share its network`;
}

/** The part of a change that says whom it hits beside its target. */
export function reaching(sharing: readonly Sharer[]): Pick<Change, 'reaches'> {
  return sharing.length === 0 ? {} : {reaches: sharing.map(({candidate}) => candidate)};
}
