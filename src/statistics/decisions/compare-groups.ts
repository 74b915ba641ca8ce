import {MIN_BINS} from '../least.js';
import {differenceInDifferences, type GroupWindows} from '../designs/control-group.js';
import {detectableShift} from '../effects/detectable.js';
import {cliffsDelta} from '../effects/order.js';
import {fromScale, marginOf, onScale, type Scale} from '../effects/scale.js';
import {missingShare, present, type Bins} from '../series/bins.js';
import {meanOf} from '../series/variance.js';
import {type Comparison, type ComparisonRules} from './comparison.js';
import {shiftDirections} from './directions.js';

/** The typical value of the metric. */
function typical(bins: Bins, scale: Scale): number {
  return fromScale(meanOf(present(onScale(bins, scale))), scale);
}

/**
 * Compares how the targets that were hit and the control group drifted apart. What is allowed is a change of the hit
 * ones beyond that of the control.
 */
export function compareGroups(
  {hit, control, share}: {hit: GroupWindows; control: GroupWindows; share: boolean},
  rules: ComparisonRules,
): Comparison | undefined {
  const {absolute} = rules;
  const isLevel = share || absolute === true;
  const groups = differenceInDifferences(hit, control, ...(isLevel ? (['level'] as const) : []));
  if (groups === undefined) return undefined;
  const {scale, shift, distances} = groups;
  const directions = shiftDirections(shift, rules, (by, worse) =>
    share ? by : marginOf(by, worse, {scale, baseline: hit.baseline, absolute}),
  );
  return {
    directions,
    values: Math.min(shift.baseline.count, shift.fault.count),
    effective: Math.min(shift.baseline.effective, shift.fault.effective),
    least: MIN_BINS,
    missing: Math.max(missingShare(distances.baseline), missingShare(distances.fault)),
    series: distances,
    effect: {
      kind: 'groups',
      share,
      of: {
        scale,
        shift,
        detectable: detectableShift(shift, rules.alpha),
        cliffsDelta: cliffsDelta(present(distances.baseline), present(distances.fault)),
        from: typical(hit.baseline, scale),
        to: typical(hit.fault, scale),
      },
    },
  };
}
