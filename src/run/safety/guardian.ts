import type {Debt} from '../../targets/contract.js';
import type {Ports} from '../../ports.js';
import {outstanding} from './debts.js';
import {FRESH_MS, type RunState} from './state.js';
import {isOver, takeOver, type Takeover, type TakeoverRequest} from './takeover.js';

/** The pipe from the runner, as the guardian sees it. */
export interface GuardianLink {
  /** The next sign from the runner, or `silence` after so many ms. `closed`: the runner's end of the pipe is gone. */
  next(timeoutMs: number): Promise<'beat' | 'bye' | 'closed' | 'silence'>;
}

const LOOK_EVERY_MS = 1_000;
/** An engine that is away, or a disk that is full, must not leave a run to nobody: the pauses grow up to a minute. */
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 60_000;
/** How long after the last hard stop it goes on trying. */
const PERSIST_MS = 3_600_000;

/**
 * Watches one runner. Takes over at once when the pipe closes without a farewell, and when the runner has been silent
 * for six seconds while an undo is due (it hangs or was stopped): a fault lasts at most so much longer than planned,
 * and a look. Returns undefined when there was nothing to do.
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
        ended: {kind: 'bug', detail: `${why}; the guardian took the run over`},
        redact,
      });
    }
  }
}

/**
 * Takes over, again and again while something is owed: until an hour after the hard stop, or until someone else has put
 * it back.
 */
async function persist(request: TakeoverRequest): Promise<Takeover | undefined> {
  const {ports, state} = request;
  const begun = ports.clock.mono();
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)) {
    const outcome = await takeOver(request).catch((error: unknown) => ({state: 'failed' as const, error}));
    const over = outcome.state === 'beaten' || (outcome.state === 'taken' && isOver(outcome));
    if (over) return outcome;
    const until = Math.max(begun, await lastHardStop(state)) + PERSIST_MS * 1000;
    if (ports.clock.mono() + pauseMs * 1000 > until) {
      if (outcome.state === 'taken') return outcome;
      throw outcome.error;
    }
    await ports.clock.sleep(pauseMs);
    // Whoever settled everything meanwhile took the folder away.
    if ((await state.identity().catch(() => undefined)) === undefined) return undefined;
  }
}

/** Mono µs; 0 while the ledger cannot be read. */
async function lastHardStop(state: RunState): Promise<number> {
  const owed = outstanding(await state.events().catch(() => []));
  return Math.max(0, ...owed.map(debt => debt.lease.hardStop.mono));
}

/** When the undo of a debt is due, mono µs: a runner that is silent by then does not come to it. */
function dueAt({lease: {hardStop, spareMs = 0}}: Debt): number {
  return hardStop.mono - spareMs * 1000;
}

/** Why a silent runner must be relieved; undefined while it beats or no undo of it is due. */
async function overdue(ports: Ports, state: RunState, lastSign: number): Promise<string | undefined> {
  const now = ports.clock.mono();
  const silentMs = (now - lastSign) / 1000;
  if (silentMs < FRESH_MS) return undefined;
  const owed = outstanding(await state.events());
  const late = owed.some(debt => now > dueAt(debt));
  return late ? `the runner was silent for ${Math.round(silentMs / 1000)} s and an undo was overdue` : undefined;
}
