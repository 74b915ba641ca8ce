import type {CookieJar} from './cookies.js';
import {ABORTED, type Exchange, type Prepared, type WireReply, type Transport} from './exchange.js';
import {leadsTo, redirected} from './redirects.js';

export interface JourneyOptions {
  /** How many redirects may be followed. */
  readonly redirects: number;
  /** Of the user who asks. */
  readonly jar: CookieJar | undefined;
  transport(prepared: Prepared): Promise<Transport>;
  ended(reply: WireReply): void;
}

/** One request with all that comes of it: the redirects it is led through, and the cookies on the way. */
export class Journey implements Exchange {
  private exchange: Exchange | undefined;
  private over = false;
  private left: number;

  constructor(
    prepared: Prepared,
    private readonly options: JourneyOptions,
  ) {
    this.left = options.redirects;
    this.ask(prepared);
  }

  abort(): void {
    if (this.exchange === undefined) this.end({failed: ABORTED});
    else this.exchange.abort();
  }

  private ask(prepared: Prepared): void {
    this.exchange = undefined;
    this.options.transport(this.withCookies(prepared)).then(
      transport => {
        if (!this.over) this.exchange = transport.send(reply => this.arrived(prepared, reply));
      },
      (error: unknown) => this.end({failed: error}),
    );
  }

  private arrived(prepared: Prepared, reply: WireReply): void {
    const {jar, redirects} = this.options;
    if ('failed' in reply) {
      this.end(reply);
      return;
    }
    jar?.take(prepared.url, reply.fields('set-cookie'));
    const to = redirects === 0 ? undefined : leadsTo(prepared, reply);
    if (to === undefined) this.end(reply);
    else if (this.left === 0) {
      const {status, size, content} = reply;
      this.end({status, size, content, fields: name => reply.fields(name), leadsOn: true});
    } else {
      this.left--;
      this.ask(redirected(prepared, reply.status, to));
    }
  }

  private withCookies(prepared: Prepared): Prepared {
    const found = this.options.jar?.fieldFor(prepared.url);
    if (found === undefined) return prepared;
    const {cookie: own} = prepared.headers;
    return {...prepared, headers: {...prepared.headers, cookie: own === undefined ? found : `${own}; ${found}`}};
  }

  private end(reply: WireReply): void {
    if (this.over) return;
    this.over = true;
    this.options.ended(reply);
  }
}
