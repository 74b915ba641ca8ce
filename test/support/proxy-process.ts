import {spawn, type ChildProcess} from 'node:child_process';
import {once} from 'node:events';
import {mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {buildSync} from 'esbuild';
import {readToken} from '../../src/system/control-token.js';

/** What the process runs: the same `runProxy` that the command calls, ended by SIGTERM. */
const MAIN = `
import {readConfig} from './src/proxy/config.ts';
import {startProxy} from './src/proxy/run.ts';
import {markInOneGo} from './src/proxy/sessions.ts';
import {tokenFolder} from './src/system/control-token.ts';
const tokens = tokenFolder(process.env, process.env.FIREDRILL_STATE ?? process.argv[3]);
markInOneGo();
const proxy = await startProxy(await readConfig({config: process.argv[2]}), {tokens, log: line => console.error(line)});
process.once('SIGTERM', () => void proxy.close());
console.log(JSON.stringify({control: proxy.control, tokenFile: proxy.tokenFile, connections: proxy.connections}));
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
  /** The file with the token for it, and the header that sends it. */
  readonly tokenFile: string;
  readonly authorization: string;
  /** Port of each connection by name. */
  readonly ports: Readonly<Record<string, number>>;
  /** Lines of its log so far. */
  readonly log: readonly string[];
  /** Ends it with this signal and waits for its end. */
  end(signal: NodeJS.Signals): Promise<void>;
}

/** What it prints first. */
interface Said {
  readonly control: string;
  readonly tokenFile: string;
  readonly connections: readonly {readonly name: string; readonly listen: string}[];
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
  const child = spawn(process.execPath, [bundled(), file, folder], {stdio: ['ignore', 'pipe', 'pipe']});
  const log: string[] = [];
  child.stderr.on('data', (chunk: Buffer) => log.push(...chunk.toString().trimEnd().split('\n')));
  const ended = once(child, 'exit');
  const first = await Promise.race([once(child.stdout, 'data'), ended.then(() => undefined)]);
  const said = first === undefined ? undefined : (JSON.parse(String(first[0])) as Said);
  const authorization = said === undefined ? undefined : await readToken(said.tokenFile);
  rmSync(folder, {recursive: true, force: true});
  if (said === undefined) throw new Error(`the proxy ended: ${log.join('\n')}`);
  return {
    child,
    control: `http://${said.control}`,
    tokenFile: said.tokenFile,
    authorization: authorization ?? '',
    ports: Object.fromEntries(said.connections.map(({name, listen}) => [name, Number(listen.split(':').at(-1))])),
    log,
    end: async signal => {
      if (child.exitCode === null && child.signalCode === null) child.kill(signal);
      await ended;
    },
  };
}
