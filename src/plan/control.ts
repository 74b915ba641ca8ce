import type {Experiment} from '../experiment/experiment.js';
import {FiredrillError} from '../system/error.js';
import {targetKey, type TargetRef} from '../targets/target.js';
import type {PlannedFault} from './planned-fault.js';
import type {ResolvedTarget} from './resolve.js';

/** Everything that the control group is made of: never hit, compared with. */
export function controlRefs(
  {control}: Pick<Experiment, 'control'>,
  targets: ReadonlyMap<string, Pick<ResolvedTarget, 'hit'>>,
): readonly TargetRef[] {
  const refs = (control?.targets ?? []).flatMap(name => targets.get(name)?.hit ?? []).map(({ref}) => ref);
  return [...new Map(refs.map(ref => [targetKey(ref), ref])).values()];
}

/**
 * The control group must not be hit: a fault that reaches one of its objects through another selector would hide its
 * own effect.
 */
export function controlProblems(
  experiment: Pick<Experiment, 'control'>,
  targets: ReadonlyMap<string, Pick<ResolvedTarget, 'hit'>>,
  planned: readonly PlannedFault[],
): readonly FiredrillError[] {
  const control = new Map(controlRefs(experiment, targets).map(ref => [targetKey(ref), ref]));
  return planned.flatMap(({occurrence, hit}) =>
    hit.flatMap(({ref}) => {
      if (!control.has(targetKey(ref))) return [];
      const named = occurrence.fault.targets.map(name => `\`${name}\``).join(', ');
      return [
        new FiredrillError(
          'CONTROL_HIT',
          `\`${ref.name}\` is in the control group and would be hit by \`${occurrence.fault.name}\` (through ${named}): what is hit cannot be what it is compared with.`,
          {hint: 'Choose selectors that do not meet, or name another target under `control`.'},
        ),
      ];
    }),
  );
}
