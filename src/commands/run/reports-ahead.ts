import type {Event} from '../../record/events.js';
import {aroundOf} from '../../record/around.js';
import type {Observer} from '../../record/observer.js';
import {WRITTEN_BY_RUNS} from '../run-result.js';

/** Whether the run now waits for something, and nothing is measured that would notice how busy this process is. */
function isWaiting(event: Event): boolean {
  if (event.type === 'change.requested') return aroundOf(event.occurrence) !== undefined;
  return event.type === 'phase.entered' && event.phase === 'warmup' && event.lastsMs !== 0;
}

/** Loads what writes the reports as soon as the run has to wait: at its end nobody waits for it. */
export function reportsAhead(): Observer {
  let begun = false;
  return {
    event: event => {
      if (begun || !isWaiting(event)) return;
      begun = true;
      // Who cannot be loaded says so when its report is written.
      for (const format of WRITTEN_BY_RUNS) void format.load().catch(() => undefined);
    },
  };
}
