// Which ports are free, and who holds those that are not.
import {readFileSync, readdirSync, readlinkSync} from 'node:fs';
import {createServer} from 'node:net';

/** Resolves with the port that could be bound on loopback (0 asks for any), or undefined when it is taken. */
export function tryPort(port) {
  return new Promise(resolve => {
    const server = createServer();
    server.on('error', () => resolve(undefined));
    server.listen(port, '127.0.0.1', () => {
      const {port: bound} = server.address();
      server.close(() => resolve(bound));
    });
  });
}

/** `pid 123 (node server.js)` for who listens on a TCP port of this machine; undefined where that cannot be seen. */
export function holderOf(port) {
  try {
    const wanted = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
    const inodes = new Set(
      ['tcp', 'tcp6'].flatMap(table =>
        readFileSync(`/proc/net/${table}`, 'utf8')
          .split('\n')
          .map(line => line.trim().split(/\s+/))
          .filter(cells => cells[1]?.endsWith(wanted) && cells[3] === '0A')
          .map(cells => `socket:[${cells[9]}]`),
      ),
    );
    for (const pid of readdirSync('/proc').filter(name => /^\d+$/.test(name))) {
      if (socketsOf(pid).some(link => inodes.has(link))) {
        return `pid ${pid} (${readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim()})`;
      }
    }
  } catch {
    // Not Linux, or not ours to see.
  }
  return undefined;
}

function socketsOf(pid) {
  try {
    return readdirSync(`/proc/${pid}/fd`).map(fd => readlinkSync(`/proc/${pid}/fd/${fd}`));
  } catch {
    return [];
  }
}

/** The shop's ports as environment variables: the defaults where they are free, others (said on stdout) where not. */
export async function shopPorts(names) {
  const environment = {};
  for (const [variable, preferred] of Object.entries(names)) {
    const wanted = Number(process.env[variable] ?? preferred);
    const free = await tryPort(wanted);
    const port = free ?? (await tryPort(0));
    if (free === undefined) {
      console.log(
        `port ${wanted} is taken by ${holderOf(wanted) ?? 'another program'}; ${variable}=${port} is used instead`,
      );
    }
    environment[variable] = String(port);
  }
  return environment;
}
