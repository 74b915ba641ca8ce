import {Agent, request as httpRequest, type IncomingHttpHeaders} from 'node:http';
import {Agent as HttpsAgent, request as httpsRequest} from 'node:https';
import {dialing} from './dialing-agent.js';

export interface Question {
  readonly method: string;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | undefined;
  /** Bounds the wait for the whole answer, ms. */
  readonly budgetMs: number;
  readonly signal?: AbortSignal | undefined;
  /** Most bytes of the answer; without it all. */
  readonly mostBytes?: number;
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** One HTTP request on a connection of its own: none is left open, none goes stale. Rejects where no answer comes. */
export function ask({method, url, headers, body, budgetMs, signal, mostBytes = Infinity}: Question): Promise<Answer> {
  const isSecure = url.protocol === 'https:';
  const agent = isSecure ? dialing(new HttpsAgent()) : dialing(new Agent());
  const length = body === undefined ? {} : {'content-length': Buffer.byteLength(body)};
  const options = {method, headers: {...headers, ...length}, agent, ...(signal === undefined ? {} : {signal})};
  return new Promise((resolve, reject) => {
    const request = (isSecure ? httpsRequest : httpRequest)(url, options, response => {
      const chunks: Buffer[] = [];
      let bytes = 0;
      response.on('data', (chunk: Buffer) => {
        chunks.push(chunk);
        bytes += chunk.length;
        if (bytes > mostBytes) request.destroy(new Error(`its answer is longer than ${mostBytes} bytes`));
      });
      response.on('error', reject);
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString('utf8');
        resolve({status: response.statusCode ?? 0, headers: response.headers, body: text});
      });
    });
    const timer = setTimeout(() => {
      request.destroy(new Error(`no answer within ${Math.round(budgetMs)} ms`));
    }, budgetMs);
    request.on('error', reject);
    request.on('close', () => {
      clearTimeout(timer);
      agent.destroy();
    });
    request.end(body);
  });
}
