import type {Example, ReferenceDriver} from '../../src/faults/reference.js';

/** What completes an example: the files of experiments/ that know the demo shop on this driver. */
const FRAMES: Readonly<Record<ReferenceDriver, readonly string[]>> = {
  docker: ['shop-docker.base.yaml'],
  kubernetes: ['shop-kubernetes.base.yaml'],
  process: ['shop.base.yaml', 'shop-direct.base.yaml'],
  host: ['shop.base.yaml', 'shop-direct.base.yaml'],
  proxy: ['shop.base.yaml', 'shop-proxied.base.yaml'],
  toxiproxy: ['shop.base.yaml', 'shop-toxiproxy.base.yaml'],
};

/** The whole experiment file of an example, to be saved beside the files that it includes. */
export function exampleFile({on, title, fault}: Example, windows = 'baseline: 10s, recovery: 30s'): string {
  const [first, ...rest] = fault.trim().split('\n');
  return [
    'version: 1',
    `title: ${title}`,
    `include: [${FRAMES[on].join(', ')}]`,
    `windows: { ${windows} }`,
    'faults:',
    `  - ${first ?? ''}`,
    ...rest.map(line => `    ${line}`),
    '',
  ].join('\n');
}
