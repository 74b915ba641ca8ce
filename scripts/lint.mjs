// `npm run lint`: every static check, two at a time.
import {LINT_STEPS, runStep, sideBySide} from './steps.mjs';

process.exitCode = 0;
await sideBySide(LINT_STEPS, 2, async step => {
  const {failed} = await runStep(step);
  if (failed > 0) process.exitCode = 1;
});
