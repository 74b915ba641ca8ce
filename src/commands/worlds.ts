import * as Flags from '@oclif/core/flags';
import type {Ports} from '../ports.js';
import type {World} from '../run/safety/state.js';
import {FiredrillError} from '../system/error.js';

/** Where to look for marks of runs that this machine knows nothing of. */
export const worldFlags = {
  docker: Flags.string({
    multiple: true,
    multipleNonGreedy: true,
    helpValue: 'HOST',
    description: 'Docker engine to look for marks in: `local` or `unix://…`, `tcp://host:port`.',
  }),
  proxy: Flags.string({
    multiple: true,
    multipleNonGreedy: true,
    helpValue: 'URL',
    description:
      'Control API of a `firedrill proxy` to look for marks in; its token is read as its user (see `firedrill proxy --help`).',
  }),
  kubernetes: Flags.string({
    multiple: true,
    multipleNonGreedy: true,
    helpValue: 'CONTEXT/NAMESPACE',
    description: 'Namespace of a cluster to look for marks in.',
  }),
};

export interface WorldNames {
  readonly docker?: readonly string[] | undefined;
  readonly proxy?: readonly string[] | undefined;
  readonly kubernetes?: readonly string[] | undefined;
}

function splitCluster(text: string): {context: string; namespace: string} {
  const at = text.lastIndexOf('/');
  if (at > 0 && at < text.length - 1) return {context: text.slice(0, at), namespace: text.slice(at + 1)};
  throw new FiredrillError('BAD_USAGE', `Expected \`--kubernetes CONTEXT/NAMESPACE\`; got \`${text}\`.`);
}

/** The worlds that the flags name, with the address by which their driver reaches them. */
export async function worldsOf(names: WorldNames, ports: Ports): Promise<World[]> {
  const worlds: World[] = [];
  for (const host of names.docker ?? []) {
    const driver = await ports.driver('docker');
    worlds.push({driver: 'docker', address: driver.address(host === 'local' ? {} : {host}, ports.ambient)});
  }
  for (const control of names.proxy ?? []) {
    const driver = await ports.driver('proxy');
    worlds.push({driver: 'proxy', address: driver.address({name: '', control}, ports.ambient)});
  }
  for (const cluster of names.kubernetes ?? []) {
    const driver = await ports.driver('kubernetes');
    worlds.push({
      driver: 'kubernetes',
      address: driver.address({...splitCluster(cluster), kind: 'pod'}, ports.ambient),
    });
  }
  return worlds;
}
