import {ask} from '../../system/ask.js';
import {describeError} from '../../system/error.js';

export interface ControlAnswer {
  readonly status: number;
  readonly body: unknown;
}

/** `unsent`: nobody listened, so nothing can have happened. `lost`: the request may have been carried out. */
export type ControlReply = {readonly answer: ControlAnswer} | {readonly unsent: string} | {readonly lost: string};

interface ExchangeOptions {
  readonly body?: object | undefined;
  /** Bounds the wait for the answer, ms. */
  readonly budgetMs: number;
  readonly signal?: AbortSignal | undefined;
}

/** Speaks JSON to the control API of a proxy. A connection per request: none is left open, none goes stale. */
export class ControlClient {
  /**
   * `authorization`: the header of every request, looked up anew because a proxy that was started again has another
   * one.
   */
  constructor(
    readonly control: string,
    private readonly authorization: () => Promise<string | undefined> = () => Promise.resolve(undefined),
  ) {}

  /** Never rejects but for the signal. */
  async send(method: string, path: string, exchange: ExchangeOptions): Promise<ControlReply> {
    const {signal} = exchange;
    signal?.throwIfAborted();
    try {
      return {answer: await this.#exchange(method, path, {...exchange, authorization: await this.authorization()})};
    } catch (error) {
      signal?.throwIfAborted();
      const unsent = (error as NodeJS.ErrnoException).code === 'ECONNREFUSED';
      return unsent ? {unsent: describeError(error)} : {lost: describeError(error)};
    }
  }

  async #exchange(
    method: string,
    path: string,
    {body, budgetMs, signal, authorization}: ExchangeOptions & {readonly authorization: string | undefined},
  ): Promise<ControlAnswer> {
    const headers = {
      ...(body === undefined ? {} : {'content-type': 'application/json'}),
      ...(authorization === undefined ? {} : {authorization}),
    };
    const text = body === undefined ? undefined : JSON.stringify(body);
    const answer = await ask({method, url: new URL(path, this.control), headers, body: text, budgetMs, signal});
    return {status: answer.status, body: parse(answer.body)};
  }
}

/** Why no answer came; undefined when one did. */
export function whyNoAnswer(reply: ControlReply): string | undefined {
  if ('unsent' in reply) return reply.unsent;
  return 'lost' in reply ? reply.lost : undefined;
}

/** The reason in an answer that is not 2xx. `who` gave it. */
export function reasonIn({status, body}: ControlAnswer, who: string): string {
  const {error} = (body ?? {}) as {error?: unknown};
  return typeof error === 'string' ? error : `${who} answered with status ${status}`;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
