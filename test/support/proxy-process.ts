import {spawn, type ChildProcess} from 'node:child_process';
import {once} from 'node:events';
import {mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {buildSync} from 'esbuild';

/** What the process runs: the same `runProxy` that the command calls, ended by SIGTERM. */
const MAIN = `
import {readConfig} from './src/proxy/config.ts';
import {startProxy} from './src/proxy/run.ts';
const proxy = await startProxy(await readConfig({config: process.argv[2]}), {log: line => console.error(line)});
console.log(JSON.stringify({control: proxy.control, connections: proxy.connections}));
process.once('SIGTERM', () => void proxy.close());
`;

let bundle: string | undefined;

/** Bundled once per test process: a proxy then starts in a tenth of a second. */
function bundled(): string {
  if (bundle !== undefined) return bundle;
  const folder = mkdtempSync(join(tmpdir(), 'firedrill-test-proxy-'));
  process.once('exit', () => rmSync(folder, {recursive: true, force: true}));
  bundle = join(folder, 'proxy.mjs');
  buildSync({
    stdin: {contents: MAIN, resolveDir: process.cwd(), loader: 'ts'},
    outfile: bundle,
    bundle: true,
    platform: 'node',
    format: 'esm',
    banner: {js: "import {createRequire} from 'node:module'; const require = createRequire(import.meta.url);"},
    logLevel: 'error',
  });
  return bundle;
}

export interface ProxyProcess {
  readonly child: ChildProcess;
  /** `http://127.0.0.1:PORT` */
  readonly control: string;
  /** Port of each connection by name. */
  readonly ports: Readonly<Record<string, number>>;
  /** Lines of its log so far. */
  readonly log: readonly string[];
  /** Ends it with this signal and waits for its end. */
  end(signal: NodeJS.Signals): Promise<void>;
}

/** Starts a proxy as a process of its own. `config` is its configuration file's text. */
export async function startProxyProcess(config: {
  control?: string;
  connections: readonly {name: string; listen?: string; upstream: string}[];
}): Promise<ProxyProcess> {
  const folder = mkdtempSync(join(tmpdir(), 'firedrill-test-proxy-config-'));
  const file = join(folder, 'proxy.json');
  writeFileSync(
    file,
    JSON.stringify({
      control: config.control ?? '127.0.0.1:0',
      connections: config.connections.map(one => ({listen: '127.0.0.1:0', ...one})),
    }),
  );
  const child = spawn(process.execPath, [bundled(), file], {stdio: ['ignore', 'pipe', 'pipe']});
  const log: string[] = [];
  child.stderr.on('data', (chunk: Buffer) => log.push(...chunk.toString().trimEnd().split('\n')));
  const ended = once(child, 'exit');
  const first = await Promise.race([once(child.stdout, 'data'), ended.then(() => undefined)]);
  rmSync(folder, {recursive: true, force: true});
  if (first === undefined) throw new Error(`the proxy ended: ${log.join('\n')}`);
  const said = JSON.parse(String(first[0])) as {control: string; connections: {name: string; listen: string}[]};
  return {
    child,
    control: `http://${said.control}`,
    ports: Object.fromEntries(said.connections.map(({name, listen}) => [name, Number(listen.split(':').at(-1))])),
    log,
    end: async signal => {
      if (child.exitCode === null && child.signalCode === null) child.kill(signal);
      await ended;
    },
  };
}
