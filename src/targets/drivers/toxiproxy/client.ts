import {createHash} from 'node:crypto';
import type {JsonObject} from '../../../quantities/json.js';
import {FiredrillError} from '../../../system/error.js';
import type {TargetRef} from '../../contract.js';
import {ControlClient, reasonIn, whyNoAnswer} from '../control-client.js';

/**
 * A read is a look at memory; a server whose API is stuck (a client that reads nothing is enough) answers after 25 s or
 * never.
 */
const READ_BUDGET_MS = 5000;

export type ToxicStream = 'upstream' | 'downstream';

/** A toxic as the server shows it. */
export interface ToxiproxyToxicView {
  readonly name: string;
  readonly type: string;
  readonly stream: ToxicStream;
  readonly toxicity: number;
  readonly attributes: JsonObject;
}

export interface ProxyView {
  readonly name: string;
  readonly listen: string;
  readonly upstream: string;
  readonly enabled: boolean;
  readonly toxics: readonly ToxiproxyToxicView[];
}

/** Speaks to the HTTP API of one Toxiproxy server. */
export class ToxiproxyClient extends ControlClient {
  /** The server has no identity of its own: the place stands for it. */
  get endpoint(): string {
    return createHash('sha256').update(this.control).digest('hex').slice(0, 16);
  }

  /** Every proxy with its toxics. Throws DRIVER_UNREACHABLE. */
  async proxies(signal?: AbortSignal): Promise<readonly ProxyView[]> {
    const reply = await this.send('GET', '/proxies', {budgetMs: READ_BUDGET_MS, signal});
    if (!('answer' in reply)) throw this.#unreachable(whyNoAnswer(reply) ?? '');
    const {status, body} = reply.answer;
    if (status !== 200) throw this.#unreachable(reasonIn(reply.answer, 'the server'));
    const proxies = typeof body === 'object' && body !== null ? Object.values(body) : undefined;
    if (proxies?.every(isProxy) === true) return proxies;
    throw this.#unreachable('something answers there, but not a Toxiproxy server');
  }

  /** The proxy that a reference means; undefined when the server no longer has it. Throws DRIVER_UNREACHABLE. */
  async proxy(ref: TargetRef, signal?: AbortSignal): Promise<ProxyView | undefined> {
    return (await this.proxies(signal)).find(({name}) => this.objectOf(name) === ref.object);
  }

  /** What names a proxy in marks: the place of its server and its own name. */
  objectOf(name: string): string {
    return `${this.endpoint}/${name}`;
  }

  #unreachable(why: string): FiredrillError {
    return new FiredrillError('DRIVER_UNREACHABLE', `No Toxiproxy server answers at \`${this.control}\`: ${why}`, {
      hint: 'Start `toxiproxy-server`, or correct `url`.',
    });
  }
}

/** Path of a proxy in the API. */
export function proxyPath(ref: TargetRef): string {
  return `/proxies/${encodeURIComponent(ref.name)}`;
}

function isProxy(value: unknown): value is ProxyView {
  const proxy = value as Partial<ProxyView> | null;
  return typeof proxy?.name === 'string' && typeof proxy.enabled === 'boolean' && Array.isArray(proxy.toxics);
}
