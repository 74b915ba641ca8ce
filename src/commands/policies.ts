import {parsePolicy, type Policy} from '../experiment/policy.js';
import type {Plan} from '../plan/plan.js';
import type {Ports} from '../ports.js';
import {FiredrillError} from '../system/error.js';
import {checkPolicy, loadReasons, type ForeignLoad} from '../plan/policy.js';
import {problemLines, problemSummary} from '../terminal/problems.js';
import {styleOf} from '../terminal/style.js';

const SYSTEM_POLICY = '/etc/firedrill/policy.yaml';

function parse(file: string, content: string): Policy {
  const {policy, problems} = parsePolicy({file, content});
  if (policy !== undefined) return policy;
  const lines = [problemSummary(problems), '', ...problemLines(problems, styleOf(0)), ''];
  throw new FiredrillError('FILE_INVALID', lines.join('\n'), {
    hint: 'A policy that cannot be read allows nothing; repair it first.',
  });
}

/**
 * The policies that hold on this machine: the system's and the one that `$FIREDRILL_POLICY` names; both, so the
 * stricter wins.
 * @throws FiredrillError FILE_UNREADABLE, FILE_INVALID: then nothing is allowed.
 */
export async function readPolicies({ambient, disk}: Pick<Ports, 'ambient' | 'disk'>): Promise<readonly Policy[]> {
  const named = ambient.environment['FIREDRILL_POLICY'] ?? '';
  const policies: Policy[] = [];
  const system = await disk.read(SYSTEM_POLICY);
  if (system !== undefined) policies.push(parse(SYSTEM_POLICY, system));
  if (named === '' || named === SYSTEM_POLICY) return policies;
  const own = await disk.read(named);
  if (own === undefined) {
    throw new FiredrillError('FILE_UNREADABLE', `Expected a policy in \`${named}\` (FIREDRILL_POLICY); there is none.`);
  }
  return [...policies, parse(named, own)];
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
