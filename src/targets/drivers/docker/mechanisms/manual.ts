import {dockerCommand} from '../engine/address.js';
import type {ContainerView} from '../engine/container.js';
import type {Engine} from '../engine/engine.js';
import {entranceOf} from '../entrance/entrance.js';
import {quoteForShell} from '../../shell-words.js';

/** The line that a person would type to run a script in the network namespace of a container. */
export function manualInside(engine: Engine, view: ContainerView, script: string): string {
  const docker = dockerCommand(engine.address);
  const entrance = entranceOf(engine, view);
  const shell = `sh -c ${quoteForShell(script.replaceAll('\n', '; '))}`;
  if (entrance.kind === 'helper') {
    return `${docker} run --rm --network container:${view.name} --cap-add NET_ADMIN ${entrance.image} ${shell}`;
  }
  return `nsenter -t "$(${docker} inspect -f '{{.State.Pid}}' ${view.name})" -n ${shell}`;
}
