import {connect, type Socket} from 'node:net';
import {describeError} from '../system/error.js';
import {seededRandom} from '../quantities/random.js';
import type {Address} from './address.js';
import type {AppliedToxic} from './applied-toxic.js';
import {HttpGate} from './http/gate.js';
import type {HttpRule} from './http/treatment.js';
import {Link} from './link.js';
import type {StageContext} from './toxics/toxic.js';

/** Larger than Node's default: fewer pauses per byte on a fast link. */
export const HIGH_WATER_MARK = 256 * 1024;

export interface SessionOptions {
  readonly upstream: Address;
  readonly connectTimeoutMs: number;
  /** Most bytes that one stage of this session should hold now. */
  budget(): number;
  /** The upstream refused or did not answer in time. */
  unreachable(why: string): void;
  /** Both sides are closed, all is released. */
  closed(session: Session): void;
}

/** One TCP connection through the proxy: a client, its upstream, and a link for each direction. */
export class Session {
  readonly #upstream: Socket;
  readonly #toUpstream: Link;
  readonly #toClient: Link;
  #timer: NodeJS.Timeout | undefined;
  readonly #gates = new Set<HttpGate>();
  #open = 2;
  #closing = false;

  constructor(
    private readonly client: Socket,
    private readonly options: SessionOptions,
  ) {
    const {host, port} = options.upstream;
    // Node would give up an address after 250 ms where the name has another one: the proxy's own limit is the only one.
    const waits = {autoSelectFamilyAttemptTimeout: options.connectTimeoutMs};
    const socket = {host, port, allowHalfOpen: true, noDelay: true, highWaterMark: HIGH_WATER_MARK, ...waits};
    this.#upstream = connect(socket);
    this.#toUpstream = new Link(client, this.#upstream, () => this.#closeAfter(this.#upstream));
    this.#toClient = new Link(this.#upstream, client, () => this.#closeAfter(client));
    this.#timer = setTimeout(() => {
      this.#failConnect(`no answer within ${options.connectTimeoutMs} ms`);
    }, options.connectTimeoutMs);
    this.#upstream.once('connect', () => this.#connected());
    this.#upstream.on('error', error => {
      if (this.#timer === undefined) this.reset();
      else this.#failConnect(describeError(error));
    });
    client.on('error', () => this.reset());
    client.once('end', () => {
      this.#toUpstream.abandon();
      this.#toClient.abandon();
    });
    for (const side of [client, this.#upstream]) side.once('close', () => this.#sideClosed());
    // Stages that answer by themselves wait for the client's reading with what they take from it.
    client.on('drain', () => this.#toUpstream.balance());
  }

  get bytes(): {readonly upstream: number; readonly downstream: number} {
    return {upstream: this.#toUpstream.bytes, downstream: this.#toClient.bytes};
  }

  /** Puts a toxic on this connection: strikes it, or fits a stage into each direction it is for. */
  take(toxic: AppliedToxic): void {
    if (this.#closing) return;
    const {stage, strike, http} = toxic.bound;
    toxic.counters.connections += 1;
    if (strike !== undefined) {
      strike(this);
      return;
    }
    if (http !== undefined) this.#gate(toxic, http);
    if (stage === undefined) return;
    if (toxic.direction !== 'downstream') {
      this.#toUpstream.fit(toxic.id, hand => toxic.count(stage({...hand, ...this.#around(toxic, 0)})));
    }
    if (toxic.direction !== 'upstream') {
      this.#toClient.fit(toxic.id, hand => toxic.count(stage({...hand, ...this.#around(toxic, 1)})));
    }
  }

  /** What a stage may use beside its link. */
  #around(toxic: AppliedToxic, side: number): Omit<StageContext, 'emit' | 'emitEnd' | 'close' | 'congested'> {
    return {
      now: () => performance.now(),
      budget: () => this.options.budget(),
      random: seededRandom(toxic.counters.connections * 2 + side + toxic.seed),
      reset: () => this.reset(),
      hit: () => {
        toxic.counters.hits += 1;
      },
    };
  }

  #gate(toxic: AppliedToxic, rule: HttpRule): void {
    const {upstream, downstream} = this.bytes;
    const around = this.#around(toxic, 0);
    const gate = new HttpGate({
      rule,
      random: toxic.random,
      draw: () => toxic.draw(),
      hit: () => around.hit(),
      counters: toxic.http,
      fresh: upstream + downstream === 0,
    });
    this.#gates.add(gate);
    this.#toUpstream.fit(toxic.id, hand => toxic.count(gate.up({...hand, ...around})));
    this.#toClient.fit(toxic.id, hand => toxic.count(gate.down({...hand, ...around})), true);
  }

  /** The connection ends as soon as no response is under way; one that is not HTTP/1 goes on. */
  finish(): void {
    for (const gate of this.#gates) gate.finish();
  }

  /** Ends both sides in order, whatever is under way. */
  end(): void {
    this.#closing = true;
    this.#stopWaiting();
    this.#discard();
    this.client.destroySoon();
    this.#upstream.destroySoon();
  }

  drop(id: string): void {
    this.#toUpstream.unfit(id);
    this.#toClient.unfit(id);
  }

  /** Ends both sides with an RST, as the network would show a peer that died. */
  reset(): void {
    this.#closing = true;
    this.#stopWaiting();
    this.#discard();
    this.client.resetAndDestroy();
    // A socket that is still connecting would wait for its peer before it could be reset.
    if (this.#upstream.connecting) this.#upstream.destroy();
    else this.#upstream.resetAndDestroy();
  }

  /**
   * A stage closes the connection: nothing is read any more, and both sides end once this one has got all that it gets.
   */
  #closeAfter(side: Socket): void {
    if (this.#closing) return;
    this.#closing = true;
    this.#toUpstream.mute();
    this.#toClient.mute();
    const close = () => {
      this.client.destroySoon();
      this.#upstream.destroySoon();
    };
    if (side.writableFinished) close();
    else side.once('finish', close);
  }

  #connected(): void {
    this.#stopWaiting();
  }

  #failConnect(why: string): void {
    if (this.#timer === undefined) return;
    this.options.unreachable(why);
    this.reset();
  }

  #stopWaiting(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #discard(): void {
    this.#toUpstream.discard();
    this.#toClient.discard();
  }

  #sideClosed(): void {
    this.#open -= 1;
    if (this.#open > 0) return;
    this.#stopWaiting();
    this.#discard();
    this.options.closed(this);
  }
}
