import type {Moment, Notice, Place} from '../../notifiers/contract.js';
import {Deliveries} from '../../notifiers/delivery.js';
import type {Event, PlannedOccurrence} from '../../record/events.js';
import {aroundOf} from '../../record/around.js';
import {printableProse} from '../../quantities/printable.js';
import type {Observer} from '../../record/observer.js';
import {renderOpenMetrics} from '../../report/openmetrics/openmetrics.js';
import {EXIT_MEANINGS} from '../../system/exit-codes.js';
import type {Result} from '../../verdict/result.js';
import {targetNames} from '../../verdict/phrase.js';
import {occurrenceName, tell} from '../../verdict/timeline.js';

/** How long the end of a run waits for those who are told, once everything else is done. */
const LAST_MS = 10_000;

/** The run as others are told of it. */
export interface NoticedRun {
  readonly run: string;
  readonly title: string;
  readonly owner?: string | undefined;
  readonly host: string;
  /** How long the run takes at most, as far as it is planned. */
  readonly totalMs: number;
  /** Takes secrets out of a text. */
  readonly redact: (text: string) => string;
}

/** What an event is to those who are outside of the run; undefined for what is not told. */
function momentOf(event: Event): Moment | undefined {
  if (event.type === 'run.started') return 'started';
  if (event.type === 'change.confirmed') return aroundOf(event.occurrence) === undefined ? 'injected' : undefined;
  if (event.type !== 'debts.settled') return undefined;
  if (event.settled.some(({outcome}) => outcome === 'failed' || outcome === 'unknown')) return 'owed';
  return aroundOf(event.occurrence) === undefined ? 'undone' : undefined;
}

/** The sentence for people who do not follow the run: shorter than that of its timeline where all is well. */
function sentence(event: Event, planned: readonly PlannedOccurrence[], endsBy: string): string {
  if (event.type === 'run.started') return `The run has started; it is over by ${endsBy} at the latest.`;
  if (event.type === 'change.confirmed') {
    const names = targetNames(event.proofs.map(({ref}) => ref.name));
    return `${occurrenceName(planned, event.occurrence)} is in force on ${names}.`;
  }
  if (event.type === 'debts.settled' && event.settled.every(({outcome}) => outcome === 'undone'))
    return `${occurrenceName(planned, event.occurrence)} is undone; that is verified.`;
  return tell(event, planned)?.what ?? event.type;
}

/** Tells places of a run as it goes on. It only watches: nothing that becomes of a notice reaches the run. */
export class Notices implements Observer {
  private readonly deliveries: Deliveries;
  private planned: readonly PlannedOccurrence[] = [];

  constructor(
    private readonly about: NoticedRun,
    places: readonly Place[],
  ) {
    this.deliveries = new Deliveries(places, about.redact);
  }

  event(event: Event): void {
    if (event.type === 'run.started') this.planned = event.occurrences;
    const moment = momentOf(event);
    // What only the staff of an exercise may know is told to nobody outside.
    if (moment === undefined || event.audience !== 'all') return;
    const endsBy = new Date(Date.parse(event.at.wall) + this.about.totalMs).toISOString();
    this.tell(moment, event.at.wall, sentence(event, this.planned, endsBy), {
      ...('occurrence' in event ? {occurrence: event.occurrence} : {}),
      ...(moment === 'started' ? {endsBy} : {}),
    });
  }

  /** The run is over and judged. */
  ended(result: Result): void {
    const {verdict, exit, headline, startedAt, endedAt} = result;
    const means = EXIT_MEANINGS[exit] ?? `interrupted by signal ${exit - 128}; undone`;
    this.tell('ended', endedAt ?? startedAt, headline, {
      outcome: {verdict, exit, means, metrics: renderOpenMetrics(result)},
    });
  }

  /** Waits a little for what is under way; answers what did not get through. */
  close(): Promise<readonly string[]> {
    return this.deliveries.close(LAST_MS);
  }

  private tell(
    moment: Moment,
    at: string,
    text: string,
    more: Pick<Notice, 'occurrence' | 'endsBy' | 'outcome'>,
  ): void {
    const {run, title, owner, host, redact} = this.about;
    const shown = (words: string) => printableProse(redact(words));
    const head = {moment, at, run, title: shown(title), ...(owner === undefined ? {} : {owner: shown(owner)}), host};
    this.deliveries.tell({...head, text: shown(text), ...more});
  }
}
