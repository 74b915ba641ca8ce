import {request as httpRequest} from 'node:http';
import {describeError, FiredrillError} from '../../../system/error.js';
import type {Op} from '../../contract.js';
import type {RefusalView, StateView} from '../../../proxy/protocol.js';

/** A read is a look at memory on this machine: whatever takes longer will not come. */
const READ_BUDGET_MS = 3000;

export interface Answer {
  readonly status: number;
  readonly body: unknown;
}

/** `unsent`: nobody listened, so nothing can have happened. `lost`: the request may have been carried out. */
export type Reply = {readonly answer: Answer} | {readonly unsent: string} | {readonly lost: string};

/** Speaks to the control API of one `firedrill proxy`. A connection per request: none is left open, none goes stale. */
export class ProxyClient {
  constructor(readonly control: string) {}

  /** Never rejects but for the signal. `budgetMs` bounds the wait for the answer. */
  async send(
    method: string,
    path: string,
    {body, budgetMs, signal}: {body?: object; budgetMs: number; signal?: AbortSignal},
  ): Promise<Reply> {
    signal?.throwIfAborted();
    try {
      return {answer: await this.#exchange(method, path, {body, budgetMs, signal})};
    } catch (error) {
      signal?.throwIfAborted();
      const unsent = (error as NodeJS.ErrnoException).code === 'ECONNREFUSED';
      return unsent ? {unsent: describeError(error)} : {lost: describeError(error)};
    }
  }

  /** All that the proxy knows. Throws DRIVER_UNREACHABLE. */
  async state(signal?: AbortSignal, budgetMs = READ_BUDGET_MS): Promise<StateView> {
    const reply = await this.send('GET', '/v1/state', {
      budgetMs: Math.max(1, Math.min(budgetMs, READ_BUDGET_MS)),
      ...(signal === undefined ? {} : {signal}),
    });
    const why = 'answer' in reply ? undefined : 'unsent' in reply ? reply.unsent : reply.lost;
    if (!('answer' in reply)) throw unreachable(this.control, why ?? '');
    const {status, body} = reply.answer;
    if (status === 200 && isState(body)) return body;
    throw unreachable(this.control, `something answers there (status ${status}), but not a proxy of this version`);
  }

  #exchange(
    method: string,
    path: string,
    {body, budgetMs, signal}: {body: object | undefined; budgetMs: number; signal: AbortSignal | undefined},
  ): Promise<Answer> {
    const text = body === undefined ? undefined : JSON.stringify(body);
    const headers =
      text === undefined ? {} : {'content-type': 'application/json', 'content-length': Buffer.byteLength(text)};
    return new Promise((resolve, reject) => {
      const request = httpRequest(
        new URL(path, this.control),
        {method, headers, agent: false, ...(signal === undefined ? {} : {signal})},
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
      request.on('close', () => clearTimeout(timer));
      request.end(text);
    });
  }
}

/** Path of a connection in the control API. */
export function connectionPath(object: string): string {
  return `/v1/connections/${encodeURIComponent(object)}`;
}

/** Id of the toxic that an operation is about. */
export function toxicOf({args: {id}}: Pick<Op, 'args'>): string {
  return typeof id === 'string' ? id : '';
}

/** Path of that toxic in the control API. */
export function toxicPath(op: Pick<Op, 'ref' | 'args'>): string {
  return `${connectionPath(op.ref.object)}/toxics/${encodeURIComponent(toxicOf(op))}`;
}

/** Why a request did not have its effect; undefined when it had. */
export function whyNot(reply: Reply): string | undefined {
  if ('unsent' in reply) return reply.unsent;
  if ('lost' in reply) return reply.lost;
  return reply.answer.status < 300 ? undefined : refusalOf(reply.answer).error;
}

/** The reason in an answer that is not 2xx. */
export function refusalOf({status, body}: Answer): RefusalView {
  const refused = body as Partial<RefusalView> | null;
  return {...refused, error: refused?.error ?? `the proxy answered with status ${status}`};
}

function unreachable(control: string, why: string): FiredrillError {
  return new FiredrillError('DRIVER_UNREACHABLE', `No proxy answers at \`${control}\`: ${why}`, {
    hint: 'Start it with `firedrill proxy --name NAME --listen HOST:PORT --upstream HOST:PORT`, or correct `control`.',
  });
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isState(body: unknown): body is StateView {
  const state = body as Partial<StateView> | null | undefined;
  return state?.instance?.protocol === 1 && Array.isArray(state.connections) && Array.isArray(state.stops);
}
