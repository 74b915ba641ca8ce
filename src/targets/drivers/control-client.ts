import {Agent, request as httpRequest} from 'node:http';
import {dialing} from '../../system/dialing-agent.js';
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

  #exchange(
    method: string,
    path: string,
    {body, budgetMs, signal, authorization}: ExchangeOptions & {readonly authorization: string | undefined},
  ): Promise<ControlAnswer> {
    const text = body === undefined ? undefined : JSON.stringify(body);
    const headers = {
      ...(text === undefined ? {} : {'content-type': 'application/json', 'content-length': Buffer.byteLength(text)}),
      ...(authorization === undefined ? {} : {authorization}),
    };
    const agent = dialing(new Agent());
    return new Promise((resolve, reject) => {
      const request = httpRequest(
        new URL(path, this.control),
        {method, headers, agent, ...(signal === undefined ? {} : {signal})},
        response => {
          const chunks: Buffer[] = [];
          response.on('data', (chunk: Buffer) => chunks.push(chunk));
          response.on('error', reject);
          response.on('end', () => {
            resolve({status: response.statusCode ?? 0, body: parse(Buffer.concat(chunks).toString('utf8'))});
          });
        },
      );
      const timer = setTimeout(() => {
        request.destroy(new Error(`no answer within ${Math.round(budgetMs)} ms`));
      }, budgetMs);
      request.on('error', reject);
      request.on('close', () => {
        clearTimeout(timer);
        agent.destroy();
      });
      request.end(text);
    });
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
