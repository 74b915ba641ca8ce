import {STATUS_CODES} from 'node:http';
import type {Random} from '../../quantities/random.js';
import type {ResponseChange} from './change.js';
import {isBodiless} from './body.js';
import {lists, type RequestHead} from './head.js';

/** An answer in place of the service's. */
export interface Substitute {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** What is done to a request that is hit. */
export type HttpTreatment =
  /** The request is passed on so much later. */
  | {readonly kind: 'delay'; readonly ms: number}
  /** `ask`: the service gets the request, and its response is dropped. */
  | {readonly kind: 'answer'; readonly answer: Substitute; readonly ask: boolean}
  /** The connection ends: `before` the service is asked, or in the `middle` of its response. */
  | {readonly kind: 'abort'; readonly at: 'before' | 'middle'; readonly by: 'close' | 'reset'}
  | {readonly kind: 'change'; readonly change: ResponseChange};

/** A toxic that works on requests. */
export interface HttpRule {
  matches(request: RequestHead): boolean;
  /** Drawn anew for each request that is hit. */
  treatment(random: Random): HttpTreatment;
}

/** Whether the connection has to end behind an answer that the service did not give. */
export function endsBehind(request: RequestHead): boolean {
  // Who waits for `100 Continue` may or may not send the body after a final answer: the next byte could be either.
  return request.minor === 0 || lists(request, 'connection', 'close') || lists(request, 'expect', '100-continue');
}

/** The bytes of an answer. Caches must not keep it: it would outlive the fault. */
export function rendered({status, headers, body}: Substitute, request: RequestHead): Buffer {
  const content = Buffer.from(body);
  const given = Object.keys(headers).map(name => name.toLowerCase());
  const standing: readonly (readonly [string, string])[] = [
    ['content-type', 'text/plain; charset=utf-8'],
    ['cache-control', 'no-store'],
    ['date', new Date().toUTCString()],
  ];
  const bodiless = isBodiless(request.method, status);
  const fields = [
    ...Object.entries(headers),
    ...standing.filter(([name]) => !given.includes(name)),
    ...(status === 204 || status === 304 ? [] : [['content-length', String(content.length)] as const]),
    ...(endsBehind(request) ? [['connection', 'close'] as const] : []),
  ];
  const lines = fields.map(([name, value]) => `${name}: ${value}\r\n`).join('');
  const head = Buffer.from(`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? 'Unknown'}\r\n${lines}\r\n`, 'latin1');
  return bodiless ? head : Buffer.concat([head, content]);
}
