import {mkdtempSync, rmSync} from 'node:fs';
import {createServer, request, type IncomingMessage, type Server, type ServerResponse} from 'node:http';
import type {Socket} from 'node:net';
import {tmpdir} from 'node:os';
import {join} from 'node:path';

const ENGINE = '/var/run/docker.sock';

/** What happens to a request that a rule matches. */
export type Disturbance =
  /** Answered without asking the engine. */
  | {readonly do: 'answer'; readonly status: number; readonly message: string}
  /** The engine carries it out, but its answer is lost: the connection is cut. */
  | {readonly do: 'lose-answer'}
  /** The connection is cut before the engine sees it. */
  | {readonly do: 'cut'}
  /** It reaches the engine this much later. */
  | {readonly do: 'delay'; readonly ms: number}
  /** Never answered. */
  | {readonly do: 'hang'}
  /** The engine's answer, a JSON object, with these fields in place of its own; asked for each answer anew. */
  | {readonly do: 'change'; readonly fields: () => object};

export interface Rule {
  readonly method?: string;
  readonly path: RegExp;
  readonly then: Disturbance;
  /** How many requests it hits; default all. */
  readonly times?: number;
}

export interface EngineProxy {
  /** `unix://…` of the proxy. */
  readonly host: string;
  /** `METHOD /path` of every request that came. */
  readonly seen: readonly string[];
  disturb(rule: Rule): void;
  /** From now on nothing is disturbed. */
  calm(): void;
  close(): Promise<void>;
}

interface ActiveRule extends Rule {
  left: number;
}

function forward(incoming: IncomingMessage, outgoing: ServerResponse, loseAnswer: boolean): void {
  const onward = request(
    {socketPath: ENGINE, method: incoming.method, path: incoming.url, headers: incoming.headers},
    answer => {
      if (loseAnswer) {
        answer.resume();
        answer.on('end', () => outgoing.destroy());
        return;
      }
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    },
  );
  onward.on('error', () => outgoing.destroy());
  incoming.pipe(onward);
}

function change(incoming: IncomingMessage, outgoing: ServerResponse, fields: () => object): void {
  incoming.resume();
  const onward = request({socketPath: ENGINE, method: incoming.method, path: incoming.url}, answer => {
    const parts: Buffer[] = [];
    answer.on('data', (part: Buffer) => parts.push(part));
    answer.on('end', () => {
      outgoing.writeHead(answer.statusCode ?? 502, {'content-type': 'application/json'});
      outgoing.end(JSON.stringify({...(JSON.parse(Buffer.concat(parts).toString()) as object), ...fields()}));
    });
  });
  onward.on('error', () => outgoing.destroy());
  onward.end();
}

function disturbed(
  rule: ActiveRule,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  timers: Set<NodeJS.Timeout>,
): void {
  const what = rule.then;
  switch (what.do) {
    case 'answer':
      incoming.resume();
      outgoing.writeHead(what.status, {'content-type': 'application/json'});
      outgoing.end(JSON.stringify({message: what.message}));
      return;
    case 'cut':
      outgoing.destroy();
      return;
    case 'lose-answer':
      forward(incoming, outgoing, true);
      return;
    case 'hang':
      return;
    case 'change':
      change(incoming, outgoing, what.fields);
      return;
    case 'delay': {
      const timer = setTimeout(() => {
        timers.delete(timer);
        forward(incoming, outgoing, false);
      }, what.ms);
      timers.add(timer);
    }
  }
}

function listen(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, resolve);
  });
}

/** A unix socket in front of the real engine on which chosen requests fail, hang, come late or lose their answer. */
export async function proxyEngine(): Promise<EngineProxy> {
  const folder = mkdtempSync(join(tmpdir(), 'firedrill-engine-proxy-'));
  const path = join(folder, 'engine.sock');
  const seen: string[] = [];
  const sockets = new Set<Socket>();
  const timers = new Set<NodeJS.Timeout>();
  let rules: ActiveRule[] = [];
  // As much as the engine itself takes: a mark of many containers is long.
  const server = createServer({maxHeaderSize: 1 << 20}, (incoming, outgoing) => {
    const {method = '', url = ''} = incoming;
    seen.push(`${method} ${url}`);
    const rule = rules.find(
      one => one.left > 0 && (one.method === undefined || one.method === method) && one.path.test(url),
    );
    if (rule === undefined) {
      forward(incoming, outgoing, false);
      return;
    }
    rule.left -= 1;
    disturbed(rule, incoming, outgoing, timers);
  });
  server.on('connection', socket => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => sockets.delete(socket));
  });
  await listen(server, path);
  return {
    host: `unix://${path}`,
    seen,
    disturb: rule => rules.push({...rule, left: rule.times ?? Number.POSITIVE_INFINITY}),
    calm: () => {
      rules = [];
    },
    close: async () => {
      for (const timer of timers) clearTimeout(timer);
      for (const socket of sockets) socket.destroy();
      await new Promise(resolve => server.close(resolve));
      rmSync(folder, {recursive: true, force: true});
    },
  };
}
