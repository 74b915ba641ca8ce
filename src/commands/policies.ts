import {parsePolicy, type Policy} from '../experiment/policy.js';
import type {Plan} from '../plan/plan.js';
import type {Ports} from '../ports.js';
import {FiredrillError} from '../system/error.js';
import {checkPolicy, loadReasons, type ForeignLoad} from '../plan/policy.js';
import {invalid, readMachineFiles} from './machine-files.js';

const FILE = {what: 'policy', path: '/etc/firedrill/policy.yaml', variable: 'FIREDRILL_POLICY'};

/**
 * The policies that hold on this machine: the system's and the one that `$FIREDRILL_POLICY` names; both, so the
 * stricter wins.
 * @throws FiredrillError FILE_UNREADABLE, FILE_INVALID: then nothing is allowed.
 */
export async function readPolicies(ports: Pick<Ports, 'ambient' | 'disk'>): Promise<readonly Policy[]> {
  const files = await readMachineFiles(ports, FILE);
  return files.map(written => {
    const {policy, problems} = parsePolicy(written);
    if (policy === undefined) throw invalid(problems, 'A policy that cannot be read allows nothing; repair it first.');
    return policy;
  });
}

/** Why the policies do not allow a plan here or now; `[]` when they do. */
export function policyRefusals(policies: readonly Policy[], plan: Plan, now: string): readonly FiredrillError[] {
  const targets = [...plan.targets].map(([name, {spec, address}]) => ({name, driver: spec.driver, address}));
  const request = {targets, safety: plan.experiment.safety, now, lastsMs: plan.totalMs};
  return policies
    .flatMap(policy => checkPolicy(policy, request))
    .map(reason => new FiredrillError('POLICY_FORBIDS', `${reason}.`));
}

/** Why its loads may not be sent; `[]` when they may. `named`: hosts of `--load-to`. */
export function loadRefusals(
  policies: readonly Policy[],
  named: readonly string[],
  foreign: readonly ForeignLoad[],
): readonly FiredrillError[] {
  const hint = `If it may be loaded: \`--load-to HOST\`, or \`load: { hosts: [HOST] }\` in the policy.`;
  return loadReasons(policies, named, foreign).map(
    reason => new FiredrillError('POLICY_FORBIDS', `${reason}.`, {hint}),
  );
}
