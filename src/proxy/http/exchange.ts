import type {RequestHead} from './head.js';
import type {HttpTreatment} from './treatment.js';

/** A request whose response the client has not got yet. */
export interface ProxiedExchange {
  readonly request: RequestHead;
  treatment: HttpTreatment | undefined;
  /** It was passed on: the service will respond. */
  readonly asked: boolean;
  /** All of it has come. */
  complete: boolean;
  /** Its response is being treated: that has to be brought to an end. */
  begun: boolean;
}

/** What the two directions of a connection share. */
export interface Conversation {
  /** In the order of the requests. */
  readonly queue: ProxiedExchange[];
  /** `strange`: in the middle of a connection, before the next start of a request. `blind`: passes everything. */
  state: 'strange' | 'http' | 'blind';
  /** Nothing passes any more. */
  readonly dead: boolean;
  /** The connection is to end behind the response that is under way. */
  closing: boolean;
  /** The client reads too slowly: more answers would only pile up. */
  readonly congested: boolean;
  /** What becomes of a request. */
  open(request: RequestHead): ProxiedExchange;
  /** A request was really treated. */
  hit(): void;
  /** Answers what the service is not asked, in turn, and ends the connection where that is due. */
  advance(): void;
  /** Ends the connection as a failure would. */
  abort(by: 'close' | 'reset'): void;
  /** Everything passes from here on. `kind` says what it is; left out where the peers agreed on it. */
  goBlind(kind?: 'tls' | 'http2' | 'other'): void;
  /** The service did not take the offer to change the protocol. */
  resume(): void;
  /** Nothing new is treated; `done` once nothing that was is under way. */
  retire(done: () => void): void;
  discard(): void;
}
