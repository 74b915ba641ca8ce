import {once} from 'node:events';
import type {AddressInfo} from 'node:net';
import {newToken, removeToken, tokenFile, writeToken} from '../system/control-token.js';
import {FiredrillError} from '../system/error.js';
import {formatAddress} from './address.js';
import {readConfig, type ProxyConfig, type ProxyFlags} from './config.js';
import {createControlServer} from './control/server.js';
import {describeInstance} from './instance.js';
import {listenOn, ProxiedConnection} from './proxied-connection.js';
import {ProxyState} from './proxy-state.js';
import {markInOneGo, stageBudget} from './sessions.js';

export interface StartOptions {
  /** One line for the log of the process. */
  readonly log: (line: string) => void;
  /** Folder for the token that the control API asks for. */
  readonly tokens: string;
  /** Default 10 s. */
  readonly connectTimeoutMs?: number;
}

export interface RunningProxy {
  /** HOST:PORT, with the real port where 0 was asked for. */
  readonly control: string;
  /** The file that holds the token for it, for this user alone. */
  readonly tokenFile: string;
  readonly connections: readonly {readonly name: string; readonly listen: string; readonly upstream: string}[];
  close(): Promise<void>;
}

/** Listens on everything, or on nothing: throws ADDRESS_UNUSABLE when one address cannot be had. */
export async function startProxy(config: ProxyConfig, options: StartOptions): Promise<RunningProxy> {
  const connectTimeoutMs = options.connectTimeoutMs ?? 10_000;
  const budget = () => stageBudget(connections.reduce((sum, connection) => sum + connection.open, 0));
  const connections: readonly ProxiedConnection[] = config.connections.map(
    connection => new ProxiedConnection({...connection, connectTimeoutMs, budget, log: options.log}),
  );
  let state: ProxyState | undefined;
  // Listening on the control address comes first: it is what makes this process the only one of its kind there.
  const token = newToken();
  const server = createControlServer(() => (state ??= new ProxyState(describeInstance(control()), connections)), token);
  const control = () => {
    const {port} = server.address() as AddressInfo;
    return formatAddress({host: config.control.host, port});
  };
  const close = async () => {
    const closed = server.listening ? once(server, 'close') : undefined;
    server.close();
    server.closeAllConnections();
    // From here on the token opens nothing: it does not wait for the connections to end.
    if (file !== undefined) await removeToken(file, token);
    await Promise.all([closed, ...connections.map(connection => connection.close())]);
  };
  let file: string | undefined;
  try {
    await listenOn(server, config.control, 'The control API');
    for (const connection of connections) await connection.listen();
    file = tokenFile(options.tokens, control());
    await keepToken(file, options.tokens, token);
  } catch (error) {
    await close();
    throw error;
  }
  return {
    control: control(),
    tokenFile: file,
    connections: connections.map(connection => {
      const {name, listen, upstream} = connection.view();
      return {name, listen, upstream};
    }),
    close,
  };
}

async function keepToken(file: string, folder: string, token: string): Promise<void> {
  try {
    await writeToken(file, folder, token);
  } catch (cause) {
    throw new FiredrillError('FOLDER_UNWRITABLE', `The token of the control API cannot be written: \`${file}\`.`, {
      hint: 'Set FIREDRILL_STATE (or FIREDRILL_PROXY_TOKENS) to a folder that this user may write, for the proxy and for who uses it.',
      cause,
    });
  }
}

/**
 * `firedrill proxy`: runs until `signal` aborts, then closes everything and resolves. Throws BAD_USAGE,
 * FILE_UNREADABLE, FILE_INVALID, ADDRESS_UNUSABLE or FOLDER_UNWRITABLE. `print` gets one line at a time, without a line
 * break.
 */
export async function runProxy(
  options: ProxyFlags & {
    readonly signal: AbortSignal;
    readonly print: (line: string) => void;
    /** Folder for the token of the control API. */
    readonly tokens: string;
  },
): Promise<void> {
  const {signal, print, tokens} = options;
  markInOneGo();
  const proxy = await startProxy(await readConfig(options), {
    tokens,
    log: line => print(`${new Date().toISOString()} ${line}`),
  });
  for (const {name, listen, upstream} of proxy.connections) print(`${name}: ${listen} → ${upstream}`);
  print(`control API: http://${proxy.control} (token in ${proxy.tokenFile})`);
  if (!signal.aborted) await once(signal, 'abort');
  await proxy.close();
}
