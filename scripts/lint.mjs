// `npm run lint`: every static check, two at a time.
import {LINT_STEPS, runSteps} from './steps.mjs';

const {failed} = await runSteps(LINT_STEPS);
process.exitCode = failed === 0 ? 0 : 1;
