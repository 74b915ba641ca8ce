import {FiredrillError} from '../../../../system/error.js';
import type {Op, TargetRef} from '../../../contract.js';
import {quoteForShell} from '../../shell-words.js';
import type {Cluster} from '../api/cluster.js';
import type {WorkloadLocator} from '../api/identity.js';
import {DEBTS_ANNOTATION, RUN_ANNOTATION} from '../marks/marks.js';
import {asArgs, OPS_VERSION, type DeleteArgs, type ReadyArgs, type ScaleArgs} from '../ops.js';

export function opOf(op: string, ref: TargetRef, args: DeleteArgs | ReadyArgs | ScaleArgs): Op {
  return {op, v: OPS_VERSION, ref, args: asArgs(args)};
}

export function unsuitable(message: string, hint?: string): FiredrillError {
  return new FiredrillError('TARGET_UNSUITABLE', message, {hint});
}

/** What a person would type, up to the verb. */
export const kubectl = ({context, namespace}: Cluster) => `kubectl --context ${quoteForShell(context)} -n ${namespace}`;

/** And behind it, to take the mark off. */
export const unmark = ({kind, name}: WorkloadLocator) =>
  `annotate ${kind}/${name} ${DEBTS_ANNOTATION}- ${RUN_ANNOTATION}-`;
