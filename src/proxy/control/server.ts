import {createServer, type IncomingMessage, type Server, type ServerResponse} from 'node:http';
import {describeError} from '../../system/error.js';
import type {ProxyState} from '../proxy-state.js';
import {describeIssues} from '../toxics/registry.js';
import {readJson, turnAway} from './request-guard.js';
import {ROUTES, type RouteAnswer} from './routes.js';
import {endSilence} from './silence.js';

const refuse = (status: number, error: string): RouteAnswer => ({status, body: {error}});

/** Connections at once, whatever they do. Silent ones go long before. */
const MOST_CONNECTIONS = 1024;

/**
 * The control API: JSON over HTTP, for this machine and for who has the token only. Answers every request, whatever is
 * in it.
 */
export function createControlServer(state: () => ProxyState, token: string): Server {
  const limits = {requestTimeout: 10_000, headersTimeout: 5000, connectionsCheckingInterval: 1000};
  const server = createServer(limits, (request, response) => {
    answer(state(), request, token).then(
      ({status, body}) => send(response, status, body),
      (error: unknown) => send(response, 500, {error: describeError(error)}),
    );
  });
  server.maxConnections = MOST_CONNECTIONS;
  endSilence(server);
  return server;
}

async function answer(state: ProxyState, request: IncomingMessage, token: string): Promise<RouteAnswer> {
  const turned = turnAway(request, token);
  if (turned !== undefined) return refuse(turned.status, turned.error);
  const url = urlOf(request);
  if (url === undefined) return refuse(400, 'The request target is no path.');
  const fitting = ROUTES.filter(route => route.path.test(url.pathname));
  const route = fitting.find(one => one.method === request.method);
  if (route === undefined) {
    return fitting.length === 0
      ? refuse(404, `No such path: \`${url.pathname}\``)
      : refuse(405, `Expected ${fitting.map(one => one.method).join(' or ')}; got ${request.method ?? ''}`);
  }
  const path = route.path.exec(url.pathname)?.groups ?? {};
  const call = {state, path, query: url.searchParams};
  if (route.body === undefined) return route.answer({...call, body: undefined});
  const read = await readJson(request);
  if (!('json' in read)) return refuse(read.status, read.error);
  const checked = route.body().safeParse(read.json);
  return checked.success ? route.answer({...call, body: checked.data}) : refuse(400, describeIssues(checked.error));
}

function urlOf({url = '/'}: IncomingMessage): URL | undefined {
  return URL.canParse(url, 'http://control') ? new URL(url, 'http://control') : undefined;
}

function send(response: ServerResponse, status: number, body: object | string): void {
  const text = typeof body === 'string' ? body : `${JSON.stringify(body)}\n`;
  response.writeHead(status, {
    'content-type': typeof body === 'string' ? 'text/plain; version=0.0.4; charset=utf-8' : 'application/json',
    'content-length': Buffer.byteLength(text),
    'cache-control': 'no-store',
    // The body of what is refused was not read.
    ...(status < 400 ? {} : {connection: 'close'}),
    ...(status === 401 ? {'www-authenticate': 'Bearer'} : {}),
    'x-content-type-options': 'nosniff',
  });
  response.end(text);
}
