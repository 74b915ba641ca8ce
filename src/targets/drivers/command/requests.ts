import {Agent, request as plainRequest, type IncomingMessage} from 'node:http';
import {Agent as SecureAgent, request as secureRequest} from 'node:https';
import {isStatusIn} from '../../../quantities/http.js';
import {compilePattern} from '../../../quantities/pattern.js';
import {dialing} from '../../../system/dialing-agent.js';
import {describeError} from '../../../system/error.js';
import {excerpt, revealUrl} from '../../../system/secrets.js';
import type {Ambient, AuthorAction, AuthorRequest} from '../../contract.js';
import {quoteForShell} from '../shell-words.js';
import type {ActionEnd} from './runs.js';

/** More of a body is neither looked at nor told. */
const MOST_BODY = 64 * 1024;
const MOST_TOLD = 300;
/** No connection was made, so nothing was sent. */
const NEVER_SENT = ['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH'];

export function isRequest(action: AuthorAction): action is AuthorRequest {
  return 'url' in action;
}

/** The request as a person would send it. */
export function curlOf({method, url, headers, body}: AuthorRequest): string {
  const given = Object.entries(headers).flatMap(([name, value]) => ['-H', `${name}: ${value}`]);
  return ['curl', '-X', method, ...given, ...(body === undefined ? [] : ['--data-raw', body]), url]
    .map(quoteForShell)
    .join(' ');
}

interface RequestSending {
  readonly request: AuthorRequest;
  readonly variables: Readonly<Record<string, string>>;
  readonly ambient: Ambient;
}

/** Sends a request once, and follows no redirect. Never rejects. */
export async function sendRequest(
  {request, variables, ambient}: RequestSending,
  budgetMs: number,
  signal?: AbortSignal,
): Promise<ActionEnd> {
  const limitMs = Math.min(request.timeoutMs, budgetMs);
  const timeout = AbortSignal.timeout(Math.ceil(limitMs));
  try {
    const {status, text} = await exchange(
      {request, variables, ambient},
      AbortSignal.any([timeout, ...(signal === undefined ? [] : [signal])]),
    );
    const {bodyMatches} = request;
    const good = isStatusIn(status, request.status);
    if (good && (bodyMatches === undefined || compilePattern(bodyMatches).test(text)))
      return {exit: 0, output: `it was answered with ${status}`};
    const body = excerpt(text, MOST_TOLD, ambient.redact);
    const output = `it was answered with ${status}${body === '' ? '' : `: ${body}`}`;
    return status >= 500 && !good ? {exit: null, why: output} : {exit: 1, output};
  } catch (error) {
    if (timeout.aborted) return {exit: null, why: `no answer within ${Math.round(limitMs)} ms`};
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    const why = ambient.redact(describeError(error));
    return NEVER_SENT.includes(code) ? {exit: null, why, unsent: true} : {exit: null, why};
  }
}

/** A connection of its own: none is left open, none goes stale. */
function exchange(
  {request, variables, ambient}: RequestSending,
  signal: AbortSignal,
): Promise<{status: number; text: string}> {
  const {reveal} = ambient;
  const url = new URL(revealUrl(request.url, reveal));
  const headers = Object.fromEntries([
    // Names may hold what no header can.
    ...Object.entries(variables).map(([name, value]) => [name.toLowerCase().replaceAll('_', '-'), encodeURI(value)]),
    ...Object.entries(request.headers).map(([name, value]) => [name, reveal(value)]),
  ]) as Record<string, string>;
  const body = request.body === undefined ? undefined : reveal(request.body);
  const [send, agent] =
    url.protocol === 'https:'
      ? ([secureRequest, dialing(new SecureAgent())] as const)
      : ([plainRequest, dialing(new Agent())] as const);
  return new Promise((resolve, reject) => {
    const sent = send(url, {method: request.method, headers, agent, signal}, (response: IncomingMessage) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (part: string) => {
        if (text.length < MOST_BODY) text = (text + part).slice(0, MOST_BODY);
      });
      response.on('error', reject);
      response.on('end', () => {
        resolve({status: response.statusCode ?? 0, text});
      });
    });
    sent.on('error', reject);
    sent.on('close', () => {
      agent.destroy();
    });
    sent.end(body);
  });
}
