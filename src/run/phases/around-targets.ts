import {mayHit, type ResolvedTarget} from '../../plan/resolve.js';
import type {Event} from '../../record/events.js';
import {describeError} from '../../system/error.js';
import type {Reader, TargetRef} from '../../targets/contract.js';
import type {RunContext} from '../context.js';
import {pause} from '../stop-switch.js';

/** How long into a phase it is looked, ms: callers need a moment to connect. Half of a phase that is shorter. */
const SETTLE_MS = 2_000;
/** What takes longer is not worth waiting for, ms. */
const PATIENCE_MS = 5_000;

/** All targets of one endpoint, through one of the readers that found them. */
interface Endpoint {
  readonly around: NonNullable<Reader['around']>;
  readonly refs: TargetRef[];
  /** When it was looked at last, by its own clock. */
  asOf?: string;
}

function endpointsOf(targets: Iterable<ResolvedTarget>): readonly Endpoint[] {
  const endpoints = new Map<string, Endpoint>();
  for (const target of targets) {
    const {reader, spec} = target;
    if (reader.around === undefined) continue;
    const key = `${spec.driver} ${reader.endpoint}`;
    const known = endpoints.get(key) ?? {around: reader.around.bind(reader), refs: []};
    known.refs.push(...mayHit(target).map(({ref}) => ref));
    endpoints.set(key, known);
  }
  return [...endpoints.values()].filter(({refs}) => refs.length > 0);
}

/**
 * Looks around the targets once in the baseline, once in the first fault and once at the end, and records what was
 * seen. It is told beside the verdict and never holds a run up: nothing here throws.
 */
export class AroundTargets {
  private readonly endpoints: readonly Endpoint[];
  private readonly ending = new AbortController();
  private readonly unsubscribe: () => void;
  private running: Promise<void> = Promise.resolve();
  private readonly waited: Set<'before' | 'during'> = new Set();

  constructor(
    private readonly context: RunContext,
    targets: Iterable<ResolvedTarget>,
  ) {
    this.endpoints = endpointsOf(targets);
    this.unsubscribe = context.record.subscribe({event: event => this.follow(event)});
  }

  /** The last look: nothing where the run was told to end, because then it ends soon. */
  async lookAfter(): Promise<void> {
    this.ending.abort(new Error('the run goes on'));
    await this.running;
    const why = this.context.stop.why();
    if (why === undefined || why.kind === 'guard') await this.look('after', new AbortController().signal);
  }

  end(): void {
    this.unsubscribe();
    this.ending.abort(new Error('the run ends'));
  }

  private follow(event: Event): void {
    if (event.type === 'phase.entered' && event.phase === 'baseline') this.lookSoon('before', event.lastsMs ?? 0);
    if (event.type !== 'change.confirmed') return;
    const planned = this.context.recorded.findLast(({type}) => type === 'run.started' || type === 'resized');
    const occurrences = planned !== undefined && 'occurrences' in planned ? planned.occurrences : [];
    const one = occurrences.find(({id}) => id === event.occurrence);
    // Processes that the run starts for itself are no faults.
    if (one !== undefined) this.lookSoon('during', one.forMs);
  }

  private lookSoon(when: 'before' | 'during', lastsMs: number): void {
    if (this.endpoints.length === 0 || this.waited.has(when)) return;
    this.waited.add(when);
    const {signal} = this.ending;
    const inTime = pause(this.context.ports.clock, Math.min(SETTLE_MS, lastsMs / 2), signal);
    this.running = Promise.all([this.running, inTime])
      .then(([, isInTime]) => (isInTime ? this.look(when, signal) : undefined))
      .catch(() => undefined);
  }

  private async look(when: 'before' | 'during' | 'after', signal: AbortSignal): Promise<void> {
    for (const endpoint of this.endpoints) {
      try {
        const bound = AbortSignal.any([signal, AbortSignal.timeout(PATIENCE_MS)]);
        const {asOf, targets, mishaps} = await endpoint.around(endpoint.refs, endpoint.asOf, bound);
        endpoint.asOf = asOf;
        this.context.record.event({type: 'surroundings.seen', when, targets, mishaps});
      } catch (error) {
        if (signal.aborted) return;
        const text = `It could not be looked around the targets: ${describeError(error)}`;
        this.context.record.event({type: 'noted', level: 'info', text});
      }
    }
  }
}
