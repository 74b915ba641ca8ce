import {spawn, type ChildProcess} from 'node:child_process';
import {once} from 'node:events';
import {mkdirSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {connect} from 'node:net';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {freePort, until} from './processes.js';
import {REDIS_SERVER} from './redis.js';

export const REDIS_SENTINEL = '/usr/bin/redis-sentinel';

export type RedisRole = 'primary' | 'replica';

export interface TestRedisNode {
  readonly port: number;
  readonly pid: number;
}

/** Two Redis servers on loopback, the first of them primary, and one Sentinel that watches them. */
export interface TestSentinel {
  readonly servers: readonly [TestRedisNode, TestRedisNode];
  /** Ends all three and waits until they are gone. */
  close(): Promise<void>;
}

const WATCHED = 'shop';

/** The answer to one command on a new connection, as it came; empty where none came within the time. */
function ask(port: number, command: string, withinMs: number): Promise<string> {
  return new Promise(resolve => {
    let answer = '';
    const socket = connect({port, host: '127.0.0.1'}, () => socket.end(`${command}\r\n`));
    const limit = setTimeout(() => socket.destroy(), withinMs);
    socket.on('data', (chunk: Buffer) => (answer += chunk.toString()));
    socket.on('error', () => undefined);
    socket.on('close', () => {
      clearTimeout(limit);
      resolve(answer);
    });
  });
}

/** What the server says that it is; undefined where it says nothing within the time. */
export async function roleAt(port: number, withinMs = 200): Promise<RedisRole | undefined> {
  const answer = await ask(port, 'ROLE', withinMs);
  if (/^\*\d+\r\n\$6\r\nmaster/.test(answer)) return 'primary';
  return /^\*\d+\r\n\$5\r\nslave/.test(answer) ? 'replica' : undefined;
}

/** A failover takes about two seconds here: Sentinel waits 1.5 s before it believes that a server is down. */
export async function startSentinel(): Promise<TestSentinel> {
  const folder = mkdtempSync(join(tmpdir(), 'fd-sentinel-'));
  const [first, second, sentinel] = [await freePort(), await freePort(), await freePort()];
  const children: ChildProcess[] = [];
  const start = (program: string, port: number, lines: readonly string[]) => {
    const own = join(folder, String(port));
    mkdirSync(own);
    // Sentinel has the servers write down who they are now, and does so itself.
    const file = join(own, 'redis.conf');
    writeFileSync(file, ['bind 127.0.0.1', `port ${port}`, `dir ${own}`, ...lines, ''].join('\n'));
    const child = spawn(program, [file], {stdio: 'ignore', cwd: '/'});
    children.push(child);
    return {port, pid: child.pid ?? 0};
  };
  const close = async () => {
    for (const child of children) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
    }
    rmSync(folder, {recursive: true, force: true});
  };
  try {
    const own = ['save ""', 'repl-diskless-sync-delay 0'];
    const servers = [
      start(REDIS_SERVER, first, own),
      start(REDIS_SERVER, second, [...own, `replicaof 127.0.0.1 ${first}`]),
    ] as const;
    const follows = async () => (await ask(first, 'INFO replication', 1000)).includes('state=online');
    await until('the replica follows', follows);
    start(REDIS_SENTINEL, sentinel, [
      `sentinel monitor ${WATCHED} 127.0.0.1 ${first} 1`,
      `sentinel down-after-milliseconds ${WATCHED} 1500`,
      `sentinel failover-timeout ${WATCHED} 5000`,
    ]);
    const knows = async () => (await ask(sentinel, `SENTINEL replicas ${WATCHED}`, 1000)).includes(`\r\n${second}\r\n`);
    await until('Sentinel knows the replica', knows);
    return {servers, close};
  } catch (error) {
    await close();
    throw error;
  }
}
