import type {Ports} from '../ports.js';
import {outstanding} from './debts.js';
import {FRESH_MS, type RunState} from './state.js';
import {takeOver, type Takeover, type TakeoverRequest} from './takeover.js';

/** The pipe from the runner, as the guardian sees it. */
export interface GuardianLink {
  /** The next sign from the runner, or `silence` after so many ms. `closed`: the runner's end of the pipe is gone. */
  next(timeoutMs: number): Promise<'beat' | 'bye' | 'closed' | 'silence'>;
}

const LOOK_EVERY_MS = 1_000;
/** A disk that is full for a moment must not leave a run to nobody. */
const MOST_TRIES = 30;
const RETRY_MS = 1_000;

/**
 * Watches one runner. Takes over at once when the pipe closes without a farewell, and when the runner has been silent while
 * the hard stop of something it owes has passed (it hangs or was stopped). Returns undefined when there was nothing to do.
 */
export async function guard(options: {
  readonly ports: Ports;
  readonly state: RunState;
  readonly link: GuardianLink;
  readonly redact: (text: string) => string;
}): Promise<Takeover | undefined> {
  const {ports, state, link, redact} = options;
  let lastSign = ports.clock.mono();
  for (;;) {
    const sign = await link.next(LOOK_EVERY_MS);
    if (sign === 'bye') return undefined;
    if (sign === 'beat') lastSign = ports.clock.mono();
    // A ledger that cannot be read now is looked at again.
    const why = sign === 'closed' ? 'the runner is gone' : await overdue(ports, state, lastSign).catch(() => undefined);
    if (why !== undefined) {
      return persist({
        ports,
        state,
        by: 'guardian',
        why,
        ended: {kind: 'bug', detail: `${why}; the guardian put everything back`},
        redact,
      });
    }
  }
}

async function persist(request: TakeoverRequest): Promise<Takeover> {
  for (let tries = 1; ; tries++) {
    try {
      return await takeOver(request);
    } catch (error) {
      if (tries === MOST_TRIES) throw error;
      await request.ports.clock.sleep(RETRY_MS);
    }
  }
}

/** Why a silent runner must be relieved; undefined while it beats or nothing of its debts has reached its hard stop. */
async function overdue(ports: Ports, state: RunState, lastSign: number): Promise<string | undefined> {
  const now = ports.clock.mono();
  const silentMs = (now - lastSign) / 1000;
  if (silentMs < FRESH_MS) return undefined;
  const owed = outstanding(await state.events());
  const late = owed.some(debt => now > debt.lease.hardStop.mono);
  return late ? `the runner was silent for ${Math.round(silentMs / 1000)} s and an undo was overdue` : undefined;
}
