import {FiredrillError} from '../../system/error.js';
import type {Debt} from '../../targets/contract.js';
import type {AroundChange} from '../../plan/around.js';
import type {Plan} from '../../plan/plan.js';
import type {ResolvedTarget} from '../../plan/resolve.js';
import type {Ports} from '../../ports.js';
import {aroundOccurrence} from '../../record/around.js';
import type {RunContext} from '../context.js';
import {inject} from './occurrence.js';

/** A started process is a debt like any other: whoever takes over stops it. */
const LONGEST_RUN_MS = 24 * 3_600_000;

/**
 * Owes the commands of `cleanup`, then runs those of `prepare`, one after the other; returns the debts, in the order in
 * which they were taken on. What fails has been rolled back; what ran before it is undone by the run's last settlement.
 * @throws FiredrillError PREPARATION_FAILED when a command fails or takes too long, TARGET_LOCKED when another run has
 *         not undone the same one.
 */
export async function prepareRun(context: RunContext, {around}: Plan): Promise<readonly Debt[]> {
  const debts: Debt[] = [];
  // The last to be owed is the first to be settled: so they run in the order of the file.
  for (const step of [...[...around.cleanup].reverse(), ...around.prepare]) {
    if (context.stop.why() !== undefined) break;
    debts.push(...(await carryOut(context, step)));
  }
  return debts;
}

async function carryOut(context: RunContext, change: AroundChange): Promise<readonly Debt[]> {
  const {step} = change;
  const occurrence = aroundOccurrence(step);
  const done = await inject(context, {occurrence, forMs: LONGEST_RUN_MS, firstDebt: 0}, [change]);
  if (done.state === 'in-force') return done.debts;
  const what = `\`${step.kind}\` could not do "${step.name}"`;
  if (done.state === 'locked') throw new FiredrillError('TARGET_LOCKED', `${what}: it is locked by ${done.by}.`);
  throw new FiredrillError('PREPARATION_FAILED', `${what}: ${done.why}`);
}

/**
 * Starts the processes that the file tells Firedrill to start and waits until they are ready; returns the debts of
 * stopping them.
 * @throws FiredrillError TARGET_LOCKED when another run has one, TARGET_UNSUITABLE when one does not get ready; the
 *         others are stopped by the run's last settlement.
 */
export async function startProcesses(context: RunContext, plan: Plan): Promise<readonly Debt[]> {
  const debts: Debt[] = [];
  for (const target of plan.targets.values()) {
    if (!target.provision) continue;
    const occurrence = aroundOccurrence({kind: 'start', name: target.spec.name});
    const changes = await draftStart(context.ports, target);
    const started = await inject(context, {occurrence, forMs: LONGEST_RUN_MS, firstDebt: 0}, changes);
    if (started.state === 'locked') throw locked(target, started.by);
    if (started.state === 'failed')
      throw new FiredrillError(
        'TARGET_UNSUITABLE',
        `Target \`${target.spec.name}\` could not be started: ${started.why}`,
      );
    debts.push(...started.debts);
  }
  return debts;
}

function locked({spec}: ResolvedTarget, by: string): FiredrillError {
  return new FiredrillError('TARGET_LOCKED', `Target \`${spec.name}\` was not started: it is locked by ${by}.`);
}

async function draftStart(ports: Ports, target: ResolvedTarget) {
  const {provision} = target.reader.drafts;
  if (provision === undefined)
    throw new FiredrillError('CAPABILITY_MISSING', `The ${target.spec.driver} driver cannot start targets.`);
  const {version} = await ports.driver(target.spec.driver);
  return Promise.all(
    target.hit.map(async ({ref}) => ({
      change: await provision.start(ref, target.spec.selector),
      address: target.address,
      driverVersion: version,
    })),
  );
}
