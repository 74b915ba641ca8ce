import {execFileSync, spawn, type ChildProcess} from 'node:child_process';
import {once} from 'node:events';
import {chmodSync, chownSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {SELF_SIGNED} from './http-server-certificate.js';
import {freePort, until} from './processes.js';

/**
 * A real database server on a loopback port and a unix socket, with the database `shop` and the user `reader`
 * (`s3cret/pw`).
 */
export interface TestDatabase {
  readonly port: number;
  readonly socketFolder: string;
  /** Runs a statement as the superuser, in `shop` where no other database is named. */
  run(statement: string, database?: string): void;
  /** Ends it at once, as a crash does, and starts it again. */
  restart(): Promise<void>;
  close(): Promise<void>;
}

interface User {
  readonly uid: number;
  readonly gid: number;
}

/** The folder of the newest PostgreSQL that Debian's package installed. */
export function postgresFolder(): string | undefined {
  const versions = existsSync('/usr/lib/postgresql') ? readdirSync('/usr/lib/postgresql') : [];
  const folders = versions
    .sort((a, b) => Number(b) - Number(a))
    .map(version => join('/usr/lib/postgresql', version, 'bin'))
    .filter(folder => existsSync(join(folder, 'initdb')));
  return folders[0];
}

export const MARIADBD = '/usr/sbin/mariadbd';

/** Database servers refuse to run as root. */
function serviceUser(name: string): User | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const line = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .find(entry => entry.startsWith(`${name}:`));
  const [, , uid, gid] = line?.split(':') ?? [];
  return {uid: Number(uid), gid: Number(gid)};
}

function folderFor(name: string, user: User | undefined): string {
  const folder = mkdtempSync(join(tmpdir(), `fd-${name}-`));
  // Under the tests' own folder, which only its owner may enter.
  chmodSync(tmpdir(), 0o711);
  if (user !== undefined) chownSync(folder, user.uid, user.gid);
  return folder;
}

/** Places the certificate of the tests where the server, and nobody else, reads its key. */
function certificateIn(folder: string, user: User | undefined): {readonly cert: string; readonly key: string} {
  const files = {cert: join(folder, 'cert.pem'), key: join(folder, 'key.pem')};
  writeFileSync(files.cert, SELF_SIGNED.cert);
  writeFileSync(files.key, SELF_SIGNED.key, {mode: 0o600});
  if (user !== undefined) chownSync(files.key, user.uid, user.gid);
  return files;
}

/** A server process that can be ended and started again. */
class Server {
  private child: ChildProcess | undefined;

  constructor(
    private readonly argv: readonly [string, ...string[]],
    private readonly user: User | undefined,
    private readonly ready: () => boolean,
  ) {}

  async start(): Promise<void> {
    const [file, ...args] = this.argv;
    this.child = spawn(file, args, {...this.user, stdio: 'ignore', cwd: '/'});
    await until('the database answers', this.ready, 30_000);
  }

  async end(signal: NodeJS.Signals): Promise<void> {
    const {child} = this;
    if (child?.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill(signal);
    await ended;
  }
}

function succeeds(file: string, args: readonly string[]): boolean {
  try {
    execFileSync(file, [...args], {stdio: 'pipe', timeout: 5000});
    return true;
  } catch {
    return false;
  }
}

/** The superuser comes in by the socket; everyone else shows a password. */
const POSTGRES_DOOR = `local all postgres trust
local replication postgres trust
local all all scram-sha-256
host all all 127.0.0.1/32 scram-sha-256
`;

/** A PostgreSQL server that others can follow. */
export interface TestPostgres extends TestDatabase {
  /** Another server that follows this one by streaming. */
  follow(): Promise<TestPostgres>;
  /** Makes a stand-by the primary; it answers as that once this returns. */
  promote(): void;
  crash(): Promise<void>;
}

export async function startPostgres(): Promise<TestPostgres> {
  const user = serviceUser('postgres');
  const folder = folderFor('pg', user);
  const data = join(folder, 'data');
  const init = ['-D', data, '-U', 'postgres', '-A', 'trust', '--no-sync', '-E', 'UTF8', '--locale', 'C'];
  execFileSync(postgresTool('initdb'), init, {...user, cwd: '/', stdio: 'pipe', timeout: 60_000});
  writeFileSync(join(data, 'pg_hba.conf'), POSTGRES_DOOR);
  const server = await servePostgres(folder, user);
  server.run('create database shop', 'postgres');
  server.run(`create user reader password 's3cret/pw'; grant all on schema public to reader`);
  server.run('alter default privileges grant all on tables to reader');
  return server;
}

function postgresTool(name: string): string {
  return join(postgresFolder() ?? '', name);
}

/** Starts a server over the folder `data` in this one. */
async function servePostgres(folder: string, user: User | undefined): Promise<TestPostgres> {
  const data = join(folder, 'data');
  const {cert, key} = certificateIn(folder, user);
  const tls = ['-c', 'ssl=on', '-c', `ssl_cert_file=${cert}`, '-c', `ssl_key_file=${key}`];
  const port = await freePort();
  const place = ['-h', folder, '-p', String(port)];
  const server = new Server(
    [postgresTool('postgres'), '-D', data, '-p', String(port), '-k', folder, '-h', '127.0.0.1', '-F', ...tls],
    user,
    () => succeeds(postgresTool('pg_isready'), ['-q', ...place]),
  );
  await server.start();
  return {
    port,
    socketFolder: folder,
    run: (statement, database = 'shop') => {
      const args = [...place, '-U', 'postgres', '-d', database, '-qAtc', statement];
      execFileSync(postgresTool('psql'), args, {stdio: 'pipe', timeout: 10_000});
    },
    restart: async () => {
      await server.end('SIGQUIT');
      await server.start();
    },
    follow: async () => {
      const other = folderFor('pg', user);
      const copy = ['-D', join(other, 'data'), '-U', 'postgres', '-R', '-X', 'stream', '-c', 'fast', '--no-sync'];
      execFileSync(postgresTool('pg_basebackup'), [...place, ...copy], {
        ...user,
        cwd: '/',
        stdio: 'pipe',
        timeout: 60_000,
      });
      return servePostgres(other, user);
    },
    promote: () => {
      execFileSync(postgresTool('pg_ctl'), ['promote', '-w', '-D', data], {...user, cwd: '/', stdio: 'pipe'});
    },
    crash: () => server.end('SIGQUIT'),
    close: async () => {
      await server.end('SIGQUIT');
      rmSync(folder, {recursive: true, force: true});
    },
  };
}

export async function startMariadb(): Promise<TestDatabase> {
  const user = serviceUser('mysql');
  const folder = folderFor('my', user);
  const data = join(folder, 'data');
  const init = [
    '--no-defaults',
    `--datadir=${data}`,
    '--auth-root-authentication-method=normal',
    '--skip-test-db',
  ].concat(`--tmpdir=${folder}`);
  execFileSync('mariadb-install-db', init, {...user, cwd: '/', stdio: 'pipe', timeout: 60_000});
  const port = await freePort();
  const socket = join(folder, 's');
  const client = ['--no-defaults', '-S', socket, '-u', 'root'];
  const run = (statement: string, database = 'shop') => {
    execFileSync('mariadb', [...client, '-D', database, '-e', statement], {stdio: 'pipe', timeout: 10_000});
  };
  const {cert, key} = certificateIn(folder, user);
  const files = [
    `--datadir=${data}`,
    `--tmpdir=${folder}`,
    `--socket=${socket}`,
    `--pid-file=${join(folder, 'pid')}`,
    `--ssl-cert=${cert}`,
    `--ssl-key=${key}`,
  ];
  const server = new Server(
    [MARIADBD, '--no-defaults', ...files, `--port=${port}`, '--bind-address=127.0.0.1', '--innodb-flush-method=fsync'],
    user,
    () => succeeds('mariadb-admin', [...client, 'ping']),
  );
  await server.start();
  run('create database shop', 'mysql');
  run(`create user reader@localhost identified by 's3cret/pw'; grant all on shop.* to reader@localhost`);
  return {
    port,
    socketFolder: folder,
    run,
    restart: async () => {
      await server.end('SIGKILL');
      await server.start();
    },
    close: async () => {
      await server.end('SIGKILL');
      rmSync(folder, {recursive: true, force: true});
    },
  };
}
