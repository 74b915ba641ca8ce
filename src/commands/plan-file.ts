import {randomInt} from 'node:crypto';
import {planExperiment, type Plan} from '../run/plan/plan.js';
import type {Ports} from '../run/ports.js';
import type {Readers} from '../run/safety/connections.js';
import {seedOfApproval} from '../terminal/plan-printer.js';
import type {OpenedExperiment} from './open-experiment.js';
import {policyRefusals, readPolicies} from './policies.js';

/** Plans an opened file under the policies of this machine: what `plan` shows and `run` carries out. Only reads. */
export async function planFile(
  {experiment, sha256}: OpenedExperiment,
  options: {
    readonly ports: Ports;
    readonly readers: Readers;
    readonly signal: AbortSignal;
    /** A digest that somebody approved: its seed is used again. */
    readonly approved?: string | undefined;
    /** Limit of `--resize`. */
    readonly resizeMs?: number | undefined;
  },
): Promise<Plan> {
  const {ports, readers, signal, approved, resizeMs} = options;
  const policies = await readPolicies(ports);
  // Where the file gives no seed, one is drawn and recorded, so that the draw can be repeated.
  const seed = (approved === undefined ? undefined : seedOfApproval(approved)) ?? randomInt(2 ** 31);
  const plan = await planExperiment({experiment, fileSha256: sha256, ports, readers, seed, resizeMs, signal});
  const forbidden = policyRefusals(policies, plan, ports.clock.now().wall);
  return {...plan, refusals: [...forbidden, ...plan.refusals]};
}
