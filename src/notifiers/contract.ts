import type * as z from 'zod';

/** What others can be told of while a run goes on, in the order in which it happens. */
export const MOMENTS = ['started', 'injected', 'undone', 'owed', 'ended'] as const;
export type Moment = (typeof MOMENTS)[number];

/** Something that happened in a run, for people and machines outside of it. Its texts hold no secret. */
export interface Notice {
  readonly moment: Moment;
  /** UTC, ISO 8601. */
  readonly at: string;
  readonly run: string;
  /** The experiment's. */
  readonly title: string;
  readonly owner?: string;
  /** The machine on which Firedrill runs. */
  readonly host: string;
  /** One sentence. */
  readonly text: string;
  /** Of a fault: which of its injections it is about. */
  readonly occurrence?: string;
  /** Of the start: when the run is over at the latest, as far as it is planned; UTC. */
  readonly endsBy?: string;
  /** Of the end. */
  readonly outcome?: NoticedOutcome;
}

export interface NoticedOutcome {
  readonly verdict: string | null;
  readonly exit: number;
  /** What the exit code means. */
  readonly means: string;
  /** The figures of the run, as OpenMetrics text. */
  readonly metrics: string;
}

/** One HTTP request that tells it. */
export interface Message {
  readonly method: 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Makes the requests of one run for one place; sends nothing itself. */
export interface Notifier {
  /** What to send; undefined where this place is not told of that. */
  message(notice: Notice): Message | undefined;
  /** The body of the answer to the message of a notice that was accepted: what comes later may refer to it. */
  answered?(notice: Notice, body: string): void;
}

export interface Place {
  /** As people know it. */
  readonly name: string;
  readonly notifier: Notifier;
}

/** One kind of place. */
export interface NotifierKind {
  readonly summary: string;
  readonly parameters: () => z.ZodType;
  /** `reveal` replaces references to secrets by their values. */
  open(parameters: unknown, reveal: (text: string) => string): Notifier;
}

/** A kind of place from its parameters and what it makes of them. */
export function notifierKind<Parameters>(
  summary: string,
  parameters: () => z.ZodType<Parameters>,
  open: (parameters: Parameters, reveal: (text: string) => string) => Notifier,
): NotifierKind {
  // What was checked with the file stays as it is when it is read again.
  return {summary, parameters, open: (given, reveal) => open(parameters().parse(given), reveal)};
}
