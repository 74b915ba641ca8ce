import type {Observer} from '../../record/observer.js';
import type {Clock} from '../../system/clock.js';
import type {Output} from '../../terminal/output.js';

/** How a run is shown while it lives: nothing, a live view on a terminal, or plain lines elsewhere. */
export async function openProgress(
  output: Output,
  clock: Clock,
  quiet: boolean,
): Promise<{readonly observers: readonly Observer[]; readonly close: () => void}> {
  if (quiet) return {observers: [], close: () => undefined};
  if (!output.isTTY) {
    const {PlainLines} = await import('../../terminal/plain-lines.js');
    return {observers: [new PlainLines(output)], close: () => undefined};
  }
  const {LiveView} = await import('../../terminal/live-view.js');
  const view = new LiveView(output, clock);
  return {observers: [view], close: () => view.close()};
}
