import {createInterface} from 'node:readline/promises';
import type {Plan} from '../../plan/plan.js';
import {FiredrillError} from '../../system/error.js';
import type {Output} from '../../terminal/output.js';
import {approvalOf, planLines} from '../../terminal/plan-printer.js';

export interface ConsentFlags {
  readonly yes: boolean;
  readonly approved: string | undefined;
}

/** The streams a person is asked on. */
export interface Asking {
  readonly input: NodeJS.ReadStream;
  readonly error: NodeJS.WriteStream;
  readonly output: Output;
  readonly signal: AbortSignal;
}

/**
 * Makes sure that somebody agreed to exactly this plan.
 * @throws FiredrillError PLAN_CHANGED when another digest was approved, CONSENT_MISSING when nobody agreed.
 */
export async function obtainConsent(plan: Plan, flags: ConsentFlags, asking: Asking): Promise<void> {
  if (flags.approved !== undefined) {
    if (flags.approved === approvalOf(plan)) return;
    throw new FiredrillError(
      'PLAN_CHANGED',
      `Expected the approved plan \`${flags.approved}\`; file and targets now give \`${approvalOf(plan)}\`.`,
      {hint: 'Look at `firedrill plan FILE` again and approve its digest.'},
    );
  }
  if (flags.yes || !plan.needsConsent) return;
  if (!asking.input.isTTY) {
    throw new FiredrillError('CONSENT_MISSING', 'Expected consent: there is no terminal to ask on.', {
      hint: `Add --yes, or after a look at \`firedrill plan FILE\`: --approved ${approvalOf(plan)}`,
    });
  }
  asking.output.lines([...planLines(plan, asking.output.style), '']);
  if (!(await ask('Inject this? [y/N] ', asking))) {
    throw new FiredrillError('CONSENT_MISSING', 'Not agreed to: nothing was injected.');
  }
}

async function ask(question: string, {input, error, signal}: Asking): Promise<boolean> {
  const lines = createInterface({input, output: error});
  // Ctrl-C at the question ends the process as it would anywhere else; Ctrl-D is a no.
  lines.on('SIGINT', () => process.kill(process.pid, 'SIGINT'));
  const closed = new Promise<string>(resolve => {
    lines.on('close', () => resolve(''));
    // A terminal that went away agrees to nothing.
    lines.on('error', () => resolve(''));
  });
  try {
    return /^y(es)?$/i.test((await Promise.race([lines.question(question, {signal}), closed])).trim());
  } catch (thrown) {
    if (signal.aborted) return false;
    throw thrown;
  } finally {
    lines.close();
  }
}
