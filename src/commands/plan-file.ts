import {randomInt} from 'node:crypto';
import type {Policy} from '../experiment/policy.js';
import {planExperiment, type Plan} from '../plan/plan.js';
import {reservedElsewhere} from '../run/safety/reserve.js';
import {openPlaces} from '../notifiers/spec.js';
import type {Ports} from '../ports.js';
import {FiredrillError} from '../system/error.js';
import type {Readers} from '../targets/readers.js';
import {seedOfApproval} from '../terminal/plan-printer.js';
import {notifiedByMachine} from './configuration.js';
import type {OpenedExperiment} from './open-experiment.js';
import {foreignLoads} from './foreign-loads.js';
import {loadRefusals, policyRefusals, readPolicies} from './policies.js';

/** A plan, and the policies that it was held against. */
export interface PolicedPlan extends Plan {
  readonly policies: readonly Policy[];
}

/** Plans an opened file under the policies of this machine: what `plan` shows and `run` carries out. Only reads. */
export async function planFile(
  {experiment, sha256}: OpenedExperiment,
  options: {
    readonly ports: Ports;
    readonly readers: Readers;
    readonly signal: AbortSignal;
    /** A digest that somebody approved: its seed is used again. */
    readonly approved?: string | undefined;
    /** Hosts of others that may be loaded. */
    readonly loadTo: readonly string[] | undefined;
    /** `--no-notify`: nobody is told, and no secret is needed for it. */
    readonly notify?: boolean;
  },
): Promise<PolicedPlan> {
  const {ports, readers, signal, approved, loadTo = [], notify: isTold = true} = options;
  const policies = await readPolicies(ports);
  // Where the file gives no seed, one is drawn and recorded, so that the draw can be repeated.
  const seed = (approved === undefined ? undefined : seedOfApproval(approved)) ?? randomInt(2 ** 31);
  const plan = await planExperiment({
    experiment,
    fileSha256: sha256,
    ports,
    readers,
    seed,
    signal,
    reservedElsewhere: targets => reservedElsewhere(ports, targets),
  });
  const forbidden = policyRefusals(policies, plan, ports.clock.now().wall);
  const hit = [...plan.targets.values()].flatMap(target => target.hit);
  const unnamed = loadRefusals(policies, loadTo, await foreignLoads(experiment, hit, ports));
  const notify = isTold ? [...plan.notify, ...(await notifiedByMachine(ports))] : [];
  return {
    ...plan,
    policies,
    notify,
    refusals: [...forbidden, ...unnamed, ...plan.refusals, ...notifyRefusals(notify, ports)],
  };
}

/** Why somebody who is to be told cannot be: a secret without a value. */
function notifyRefusals(notify: Plan['notify'], {ambient}: Ports): readonly FiredrillError[] {
  try {
    openPlaces(notify, ambient.reveal);
    return [];
  } catch (error) {
    if (error instanceof FiredrillError) return [error];
    throw error;
  }
}
