import type * as z from 'zod';
import type {ProxyState} from '../proxy-state.js';
import type {ProxiedConnection} from '../proxied-connection.js';
import type {RefusalView} from '../protocol.js';
import {bindToxic} from '../toxics/registry.js';
import {roomFor, type MarkAnswer} from '../mark.js';
import {renderMetrics} from './metrics.js';
import {markBody, renewBody, settledBody, stopBody, toxicBody} from './schemas.js';

export interface RouteAnswer {
  readonly status: number;
  /** An object is sent as JSON, a text as it is. */
  readonly body: object | string;
}

/** What a route gets: the parts of the path, the query, the checked body. */
export interface Call<B> {
  readonly state: ProxyState;
  readonly path: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  readonly body: B;
}

export interface Route {
  readonly method: string;
  readonly path: RegExp;
  /** Left out: the request has no body. */
  readonly body?: () => z.ZodType;
  readonly answer: (call: Call<unknown>) => RouteAnswer | Promise<RouteAnswer>;
}

const ok = (body: object): RouteAnswer => ({status: 200, body});
const refuse = (status: number, error: string): RouteAnswer => ({status, body: {error} satisfies RefusalView});

/** Forgets the body's type: the server checks it by this very schema. */
function withBody<B>(
  method: string,
  path: RegExp,
  body: () => z.ZodType<B>,
  answer: (call: Call<B>) => RouteAnswer,
): Route {
  return {method, path, body, answer: call => answer({...call, body: call.body as B})};
}

function withoutBody(method: string, path: RegExp, answer: Route['answer']): Route {
  return {method, path, answer};
}

/** Finds the connection that the path names. */
function on<B>(answer: (connection: ProxiedConnection, call: Call<B>) => RouteAnswer): (call: Call<B>) => RouteAnswer {
  return call => {
    const name = call.path['name'] ?? '';
    const connection = call.state.connection(name);
    return connection === undefined ? refuse(404, `No connection is named \`${name}\`.`) : answer(connection, call);
  };
}

const CONNECTION = '/v1/connections/(?<name>[^/]+)';
const TOXIC = `${CONNECTION}/toxics/(?<id>[A-Za-z0-9][A-Za-z0-9._-]{0,99})`;
const at = (pattern: string) => new RegExp(`^${pattern}$`);

const addToxic = withBody(
  'PUT',
  at(TOXIC),
  toxicBody,
  on((connection, {state, path, body}) => {
    if (body.incarnation !== undefined && body.incarnation !== state.instance.incarnation) {
      return refuse(409, 'This proxy process is not the one that was planned with: it was restarted.');
    }
    const id = path['id'] ?? '';
    const forbidden = body.writer === undefined ? undefined : connection.mark.forbids(body.writer, id);
    if (forbidden !== undefined) return {status: 409, body: forbidden};
    const bound = bindToxic(body.type, body.attributes);
    if (typeof bound === 'string') return refuse(400, bound);
    const added = connection.toxics.add(id, body, bound);
    if (added === 'taken') return refuse(409, `Another toxic has the id \`${id}\`.`);
    return {status: added === 'added' ? 201 : 200, body: connection.view()};
  }),
);

const removeToxic = withoutBody(
  'DELETE',
  at(TOXIC),
  on((connection, {path, query}) =>
    ok({removed: connection.toxics.remove(path['id'] ?? '', query.get('run') ?? undefined)}),
  ),
);

const renewToxic = withBody(
  'POST',
  at(`${TOXIC}/renew`),
  renewBody,
  on((connection, {path, body}) => {
    const id = path['id'] ?? '';
    return connection.toxics.renew(id, body.ttlMs, body.run) ? ok({renewed: true}) : refuse(404, `No toxic \`${id}\`.`);
  }),
);

/** Somebody else's mark is a conflict; a refusal without a holder means that there is no room. */
function marked(held: MarkAnswer): RouteAnswer {
  if (!('refused' in held)) return ok(held);
  return {status: held.refused.holder === undefined ? 413 : 409, body: held.refused};
}

const setMark = withBody(
  'POST',
  at(`${CONNECTION}/mark`),
  markBody,
  on(({mark}, {state, body}) => marked(mark.set(body, roomFor(mark, state.marks)))),
);

const renewMark = withBody(
  'POST',
  at(`${CONNECTION}/mark/renewed`),
  markBody,
  on(({mark}, {state, body}) => marked(mark.renew(body, roomFor(mark, state.marks)))),
);

const settleMark = withBody(
  'POST',
  at(`${CONNECTION}/mark/settled`),
  settledBody,
  on((connection, {state, body}) => {
    const {freed, ...held} = connection.mark.settle(body, body.debts);
    if ('refused' in held) return {status: 409, body: held.refused};
    for (const toxic of freed) connection.toxics.remove(toxic, body.run);
    state.forgetStopOf(body.run);
    return ok(held);
  }),
);

const askToStop = withBody('POST', at('/v1/stops'), stopBody, ({state, body}) => {
  state.askToStop(body.run);
  return ok({stops: state.stops()});
});

/** Everything the control API can do. */
export const ROUTES: readonly Route[] = [
  withoutBody('GET', at('/healthz'), () => ok({ok: true})),
  withoutBody('GET', at('/metrics'), async ({state}) => ({status: 200, body: await renderMetrics(state.view())})),
  withoutBody('GET', at('/v1/state'), ({state}) => ok(state.view())),
  withoutBody(
    'GET',
    at(CONNECTION),
    on(connection => ok(connection.view())),
  ),
  addToxic,
  removeToxic,
  renewToxic,
  setMark,
  renewMark,
  settleMark,
  askToStop,
];
