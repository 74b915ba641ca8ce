/* `npm run calibrate`: measures the judgement on simulated runs of which the truth is known, and writes its part of docs/calibration.md. Seeded:
 * the same code writes the same text. Ends with 1 when a figure is out of its bounds. `--runs N` for another number of runs a figure. */
import {writePart} from './calibrate/document.js';
import {calibrate} from './calibrate/sections.js';
import {markdown} from './calibrate/table.js';

const SEED = 4;
const given = process.argv.indexOf('--runs');
const runs = given === -1 ? 2000 : Number(process.argv[given + 1]);

const sections = calibrate(runs, SEED, (title, seconds) =>
  console.log(`${seconds.toFixed(1).padStart(7)} s  ${title}`),
);
const failures = sections.flatMap(section => section.failures);

const head = `## Simulated runs

Written by \`npm run calibrate\` (seed ${SEED}, ${runs} runs a figure; fewer where it says so in scripts/calibrate/sections.ts). A smaller version
runs with the tests and fails when a figure is out of its bounds. A figure of 1 % from 2000 runs may be off by 0.7 by chance.

φ is the correlation from one bin to the next, and a bin is usually a second. Everything is in percent of runs unless it says otherwise.
`;
const verdict =
  failures.length === 0
    ? 'Every figure is inside its bounds.\n'
    : ['**Out of bounds:**', '', ...failures.map(failure => `- ${failure}`), ''].join('\n');
const file = writePart('simulated', [head, verdict, ...sections.map(markdown)].join('\n'));
console.log(failures.length === 0 ? `wrote ${file}` : failures.join('\n'));
process.exitCode = failures.length === 0 ? 0 : 1;
