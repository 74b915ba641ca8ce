import {
  alertName,
  type AlertRule,
  type AlertRouting,
  type AlertSelector,
  type AlertState,
} from '../../signals/alerts/spec.js';
import {eventsOf, type Facts} from '../facts.js';

/** What was seen of one alert, from one change to the next. Times are µs of the base clock. */
export interface SeenAlert {
  readonly state: Exclude<AlertState, 'unknown'>;
  readonly rule?: AlertRule;
  readonly routing?: AlertRouting;
  /** It began between these two: the last look that showed something else, and the first that showed this. */
  readonly afterUs: number;
  readonly atUs: number;
  /** The last look that showed it. */
  readonly untilUs: number;
}

/**
 * What the record says of an alert, in order. Where its source could not be read, or had not evaluated the rule, there
 * is a hole between two entries.
 */
export function historyOf({evidence, time}: Facts, selector: AlertSelector): readonly SeenAlert[] {
  const name = alertName(selector);
  const reads = eventsOf(evidence.events, 'alerts.read').filter(({source}) => source === selector.from);
  return reads.flatMap((event, i) => {
    const seen = event.alerts?.find(alert => alertName(alert) === name);
    if (seen === undefined || seen.state === 'unknown') return [];
    const {state, rule, routing} = seen;
    const atUs = time.us(event.at);
    const untilUs = Math.max(atUs, reads[i + 1]?.sinceUs ?? atUs);
    const more = {...(rule === undefined ? {} : {rule}), ...(routing === undefined ? {} : {routing})};
    return [{state, ...more, afterUs: event.sinceUs ?? -Infinity, atUs, untilUs}];
  });
}

/** What lasts shorter than this may happen between two looks without being seen. */
const UNSEEN_US = 5_000_000;

/** For how long (µs) nothing may be known without something being missed: no state lasts shorter than an evaluation. */
function patienceUs({rule}: SeenAlert): number {
  return Math.max(UNSEEN_US, (rule?.everyMs ?? 0) * 1000);
}

/** Whether nobody can tell what the alert did in part of this time: too long, or up to its end. */
export function isBlindIn(history: readonly SeenAlert[], {fromUs, toUs}: {fromUs: number; toUs: number}): boolean {
  const last = history.at(-1);
  if (last === undefined || last.untilUs < toUs) return true;
  return history.some((seen, i) => {
    const knownUs = history[i - 1]?.untilUs ?? -Infinity;
    const hole = Math.min(seen.atUs, toUs) - Math.max(knownUs, fromUs);
    return hole > patienceUs(seen);
  });
}

/** What was seen in a time, even for a part of it. */
export function seenIn(history: readonly SeenAlert[], {fromUs, toUs}: {fromUs: number; toUs: number}) {
  return history.filter(({atUs, untilUs}) => atUs <= toUs && untilUs >= fromUs);
}
