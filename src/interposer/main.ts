import {readFileSync} from 'node:fs';
import {unlink} from 'node:fs/promises';
import {createServer, type Server} from 'node:net';
import {once} from 'node:events';
import {join} from 'node:path';
import {Interposer} from './interposer.js';
import {MODES} from './modes.js';
import {PLACES, type InterposerReply, type InterposerRequest, type StartFile} from './protocol.js';

const MOST_REQUEST = 64 * 1024;

/** One request and one answer per connection. */
async function serveControl(
  path: string,
  answer: (request: InterposerRequest) => Promise<InterposerReply>,
): Promise<Server> {
  const server = createServer({allowHalfOpen: true}, socket => {
    let text = '';
    socket.setEncoding('utf8');
    socket.on('error', () => socket.destroy());
    socket.on('data', (chunk: string) => {
      text += chunk;
      const end = text.indexOf('\n');
      if (end < 0 && text.length < MOST_REQUEST) return;
      socket.removeAllListeners('data');
      socket.resume();
      void answer(requestOf(text.slice(0, end))).then(reply => socket.end(`${JSON.stringify(reply)}\n`));
    });
    socket.on('end', () => {
      if (!text.includes('\n')) socket.destroy();
    });
  });
  await unlink(path).catch(() => undefined);
  server.listen(path);
  await once(server, 'listening');
  return server;
}

function requestOf(line: string): InterposerRequest {
  try {
    return JSON.parse(line) as InterposerRequest;
  } catch {
    return {do: 'status'};
  }
}

/** Whether this network namespace has IPv6 addresses that others can reach. */
function hasIpv6(): boolean {
  try {
    const rows = readFileSync('/proc/self/net/if_inet6', 'utf8').split('\n');
    return rows.some(row => row.trim() !== '' && !/\slo$/.test(row));
  } catch {
    return false;
  }
}

async function main(): Promise<void> {
  const [folder] = process.argv.slice(2);
  if (folder === undefined) throw new Error('usage: interposer FOLDER');
  const start = JSON.parse(readFileSync(join(folder, PLACES.start), 'utf8')) as StartFile;
  // The packets of this process are told apart by its group; as root it keeps every right.
  process.setgroups?.([]);
  process.setgid?.(start.gid);
  const load = MODES[start.mode];
  if (load === undefined) throw new Error(`expected one of ${Object.keys(MODES).join(', ')}; got \`${start.mode}\``);
  const ipv6 = hasIpv6();
  let refresh = (): void => undefined;
  const changed = () => refresh();
  const mode = await (await load()).start(start.options, {targetPid: start.target.pid, ipv6, changed});
  // The answer to whoever asked for the end goes out first.
  const over = () => void setTimeout(() => process.exit(0), 50);
  const running = new Interposer(folder, start, mode, {ipv6, over});
  refresh = () => void running.refresh();
  // It must outlive the terminal and everything that ends the runner.
  for (const signal of ['SIGINT', 'SIGHUP'] as const) process.on(signal, () => undefined);
  process.on('SIGTERM', () => void running.leave(2_000));
  // Whoever waits for the line may be gone by the time it is written.
  process.stdout.on('error', () => undefined);
  await serveControl(join(folder, PLACES.control), request => running.answer(request));
  process.stdout.write('ready\n');
}

await main();
