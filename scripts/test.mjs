// `npm test [-- files or mocha options]`: the build, the static checks and every test. The last line is
// `N passed, N failed, N skipped`; each static check counts as one test. With files given, only those tests run.
import {runMocha} from './mocha.mjs';
import {LINT_STEPS, runSteps} from './steps.mjs';

const given = process.argv.slice(2);

const build = {name: 'build', command: [process.execPath, 'scripts/build.mjs']};
process.stdout.write('\nbuild and static checks\n');
const parts = [await runSteps([build])];
if (given.length === 0) parts.push(await runSteps(LINT_STEPS));
// The tests that need a kernel with netem have a command of their own: `npm run test:netem`.
const everything = ['test/**/*.test.ts', '--ignore', 'test/netem/**'];
parts.push(await runMocha(given.length > 0 ? given : everything));

const sum = key => parts.reduce((total, part) => total + part[key], 0);
process.exitCode = sum('failed') === 0 ? 0 : 1;
process.stdout.write(`\n${sum('passed')} passed, ${sum('failed')} failed, ${sum('skipped')} skipped\n`);
