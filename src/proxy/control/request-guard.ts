import type {IncomingMessage} from 'node:http';
import {isToken} from '../../system/control-token.js';
import {isLoopback} from '../address.js';

/** A body is never larger than this: a mark with a thousand debts fits. */
const MAX_BODY = 4 * 1024 * 1024;

/** What anybody on this machine may ask: whether it lives, and its counters. */
const OPEN = /^\/(?:healthz|metrics)$/;

/** A request that is refused before anything looks at it. */
export interface Turned {
  readonly status: number;
  readonly error: string;
}

/**
 * Any web page can make a browser send requests to a loopback address, under its own name too (DNS rebinding). So the
 * Host header has to name this machine, and whatever comes from a page (Origin, Sec-Fetch-Site) is turned away. Other
 * users of this machine do not have the token. Nothing of a request that is turned away is read.
 */
export function turnAway(request: IncomingMessage, token: string): Turned | undefined {
  const host = (request.headers.host ?? '').replace(/:\d+$/, '');
  if (!isLoopback(host)) {
    return {status: 403, error: `Host: expected a loopback address; got \`${request.headers.host ?? 'nothing'}\``};
  }
  const site = request.headers['sec-fetch-site'];
  if (request.headers.origin !== undefined || (site !== undefined && site !== 'none')) {
    return {status: 403, error: 'Requests from web pages are refused.'};
  }
  if (OPEN.test(request.url ?? '') || isToken(request.headers.authorization, token)) return undefined;
  return {
    status: 401,
    error: 'Expected the token of this proxy (the line `control API` of its output names the file).',
  };
}

/** The JSON of a body, or why it is refused. */
export async function readJson(request: IncomingMessage): Promise<{readonly json: unknown} | Turned> {
  const type = (request.headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase();
  if (type !== 'application/json') {
    return {status: 415, error: `Content-Type: expected \`application/json\`; got \`${type ?? ''}\``};
  }
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_BODY) return {status: 413, error: `A body is at most ${MAX_BODY} bytes.`};
    chunks.push(chunk);
  }
  try {
    return {json: JSON.parse(Buffer.concat(chunks).toString('utf8')) as unknown};
  } catch {
    return {status: 400, error: 'The body is not JSON.'};
  }
}
