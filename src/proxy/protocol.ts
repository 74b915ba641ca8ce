import type {JsonObject} from '../quantities/json.js';

/**
 * What the control API of `firedrill proxy` says: types only, shared by the process that serves it and the driver that
 * asks. Times are ms relative to the moment of the answer or request (the two sides never compare clocks), sizes bytes.
 */

export type Direction = 'both' | 'upstream' | 'downstream';

/**
 * Which process answers. `endpoint` stays the same when it is started again at the same place, `incarnation` does not.
 */
export interface InstanceView {
  readonly endpoint: string;
  readonly incarnation: string;
  readonly pid: number;
  /** Version of this protocol. */
  readonly protocol: 1;
  /** It asks for a token. Proxies of earlier versions do not. */
  readonly authenticated?: true;
}

/** What a toxic that works on HTTP requests has seen. */
export interface HttpCounters {
  /** Requests whose head it read, and those of them that it is for. Of these `hits` were really treated. */
  readonly requests: number;
  readonly matched: number;
  /** Connections it could not look into and passed untouched: TLS, HTTP/2 (gRPC), anything else that is not HTTP/1. */
  readonly tls: number;
  readonly http2: number;
  readonly other: number;
}

/** What went through a toxic since it is in force. */
export interface ToxicCounters extends Partial<HttpCounters> {
  /** Connections it took hold of. */
  readonly connections: number;
  readonly bytes: number;
  /**
   * Times it did what it is there for, where bytes cannot tell: connections stalled, cut short, or closed late,
   * requests treated.
   */
  readonly hits: number;
}

export interface ToxicView {
  readonly id: string;
  readonly type: string;
  readonly attributes: JsonObject;
  readonly direction: Direction;
  readonly share: number;
  readonly seed: number;
  /** The run that added it; null when a person did. */
  readonly run: string | null;
  readonly leftMs: number;
  readonly counters: ToxicCounters;
  /** What tells that traffic met it: the counter that says so for its type. */
  readonly exercised: number;
}

/** A toxic that is no longer there, and why: the last few are kept so that a proof can say what became of it. */
export interface EndedToxicView {
  readonly id: string;
  readonly type: string;
  readonly why: 'removed' | 'expired';
  readonly counters: ToxicCounters;
  readonly agoMs: number;
}

/**
 * An undo that is owed here. Only a toxic that such a debt names is taken from a run, so that a late request does no
 * harm.
 */
export interface MarkedDebt {
  readonly id: string;
  /** The toxic that the undo will remove. */
  readonly toxic: string;
  /** As the driver gave it; the proxy does not look into it. */
  readonly debt: JsonObject;
}

/** One per proxied connection: the run that owes undos there. */
export interface MarkView {
  readonly run: string;
  readonly epoch: number;
  readonly hardStop: JsonObject;
  readonly debts: readonly MarkedDebt[];
}

export interface ConnectionView {
  readonly name: string;
  readonly listen: string;
  readonly upstream: string;
  /** Open TCP connections now, and all that were ever accepted. */
  readonly open: number;
  readonly accepted: number;
  /** Those whose upstream could not be reached. */
  readonly unreachable: number;
  readonly bytes: {readonly upstream: number; readonly downstream: number};
  readonly toxics: readonly ToxicView[];
  readonly ended: readonly EndedToxicView[];
  readonly mark: MarkView | null;
}

export interface StateView {
  readonly instance: InstanceView;
  readonly connections: readonly ConnectionView[];
  /** Runs that somebody asked to stop. */
  readonly stops: readonly string[];
}

/** Who asks for a change. One that no longer holds the mark is refused. */
export interface Writer {
  readonly run: string;
  readonly epoch: number;
}

/** PUT /v1/connections/NAME/toxics/ID */
export interface ToxicRequest {
  readonly type: string;
  readonly attributes: JsonObject;
  readonly direction: Direction;
  readonly share: number;
  readonly seed: number;
  readonly ttlMs: number;
  /** Left out when a person adds it by hand. */
  readonly writer?: Writer | undefined;
  /** Refused when the process is no longer this one. */
  readonly incarnation?: string | undefined;
}

/** POST /v1/connections/NAME/mark: compare-and-set. …/mark/renewed: replaces debts that are in the mark, adds none. */
export interface MarkRequest extends Writer {
  readonly hardStop: JsonObject;
  readonly debts: readonly MarkedDebt[];
}

/** Any answer that is not 2xx. `holder` is there when another run holds the mark. */
export interface RefusalView {
  readonly error: string;
  readonly holder?: {readonly run: string; readonly epoch: number; readonly hardStop: JsonObject};
}
