import type {Example} from '../../src/faults/reference.js';
import type {FoundDriver} from './folders.js';

/** The whole experiment file of an example, to be saved beside the files that it includes. */
export function exampleFile(
  {on, title, fault}: Example,
  drivers: readonly FoundDriver[],
  windows = 'baseline: 10s, recovery: 30s',
): string {
  const frame = drivers.find(({name}) => name === on)?.reference.frame ?? [];
  const [first, ...rest] = fault.trim().split('\n');
  return [
    'version: 1',
    `title: ${title}`,
    `include: [${frame.join(', ')}]`,
    `windows: { ${windows} }`,
    'faults:',
    `  - ${first ?? ''}`,
    ...rest.map(line => `    ${line}`),
    '',
  ].join('\n');
}
