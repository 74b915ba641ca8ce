import {execFileSync, spawn, type ChildProcess} from 'node:child_process';
import {once} from 'node:events';
import {mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {SELF_SIGNED} from './http-server-certificate.js';
import {freePort, until} from './processes.js';

export const REDIS_SERVER = '/usr/bin/redis-server';

/** A real Redis server on two loopback ports, of which one encrypts. */
export interface TestRedis {
  readonly port: number;
  readonly tlsPort: number;
  readonly folder: string;
  /** Runs a command as one who may do everything; answers what the server says. */
  run(...command: readonly string[]): string;
  signal(signal: NodeJS.Signals): void;
  /** Ends it at once, as a crash does. */
  crash(): Promise<void>;
  start(): Promise<void>;
  close(): Promise<void>;
}

/** `password`: of everybody who comes. */
export async function startRedis(password = ''): Promise<TestRedis> {
  const folder = mkdtempSync(join(tmpdir(), 'fd-redis-'));
  const [port, tlsPort] = [await freePort(), await freePort()];
  const files = {cert: join(folder, 'cert.pem'), key: join(folder, 'key.pem')};
  writeFileSync(files.cert, SELF_SIGNED.cert);
  writeFileSync(files.key, SELF_SIGNED.key);
  const tls = ['--tls-port', String(tlsPort), '--tls-cert-file', files.cert, '--tls-key-file', files.key];
  const place = ['--bind', '127.0.0.1', '--port', String(port), '--dir', folder, '--save', ''];
  const login = password === '' ? [] : ['--requirepass', password, '--masterauth', password];
  const run = (...command: readonly string[]) => {
    const auth = password === '' ? [] : ['--no-auth-warning', '-a', password];
    const args = ['-h', '127.0.0.1', '-p', String(port), ...auth, ...command];
    return execFileSync('redis-cli', args, {stdio: 'pipe', timeout: 10_000}).toString().trim();
  };
  let child: ChildProcess | undefined;
  const start = async () => {
    const args = [...place, ...tls, '--tls-auth-clients', 'no', '--repl-diskless-sync-delay', '0', ...login];
    child = spawn(REDIS_SERVER, args, {stdio: 'ignore', cwd: '/'});
    await until('Redis answers', () => answers(run), 30_000);
  };
  const crash = async () => {
    if (child?.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  };
  await start();
  return {
    port,
    tlsPort,
    folder,
    run,
    signal: signal => void child?.kill(signal),
    crash,
    start,
    close: async () => {
      await crash();
      rmSync(folder, {recursive: true, force: true});
    },
  };
}

function answers(run: TestRedis['run']): boolean {
  try {
    return run('ping') === 'PONG';
  } catch {
    return false;
  }
}
