import {existsSync, readdirSync, readFileSync} from 'node:fs';
import {homedir} from 'node:os';
import {join, resolve} from 'node:path';
import type {JsonObject} from '../../../../quantities/json.js';
import {FiredrillError} from '../../../../system/error.js';
import type {Ambient} from '../../../contract.js';
import {hostProblem} from '../selector.js';
import {quoteForShell} from '../../shell-words.js';

const DEFAULT_SOCKET = '/var/run/docker.sock';

/** Where an engine is, and the paths (never the contents) of the certificates that open it. */
export interface EngineAddress {
  readonly host: string;
  readonly tls?: {readonly ca?: string; readonly cert?: string; readonly key?: string; readonly verify: boolean};
  /** How network namespaces are entered; by default `nsenter` where we are root on the engine's host, else a helper. */
  readonly enter?: 'nsenter' | 'helper';
  /** Image of helper containers. */
  readonly helperImage?: string;
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function recordOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

function folderOf(ambient: Ambient): string {
  const {DOCKER_CONFIG: config, HOME: home} = ambient.environment;
  return config ?? join(home ?? homedir(), '.docker');
}

/** Existing certificate files of a folder in Docker's naming. */
function certificates(folder: string, verify: boolean): EngineAddress['tls'] {
  const path = (name: string) => {
    const file = resolve(folder, `${name}.pem`);
    return existsSync(file) ? {[name]: file} : {};
  };
  return {...path('ca'), ...path('cert'), ...path('key'), verify};
}

interface ContextMeta {
  readonly id: string;
  readonly name: string;
  readonly docker: Readonly<Record<string, unknown>>;
}

function contexts(folder: string): readonly ContextMeta[] {
  const meta = join(folder, 'contexts', 'meta');
  if (!existsSync(meta)) return [];
  return readdirSync(meta).flatMap(id => {
    try {
      const content = recordOf(JSON.parse(readFileSync(join(meta, id, 'meta.json'), 'utf8')));
      const name = textOf(content['Name']);
      const endpoints = recordOf(content['Endpoints']);
      return name === undefined ? [] : [{id, name, docker: recordOf(endpoints['docker'])}];
    } catch {
      // Not a context: another tool's file must not keep this one from being found.
      return [];
    }
  });
}

function fromContext(name: string, ambient: Ambient): EngineAddress {
  const folder = folderOf(ambient);
  if (name === 'default') return local();
  const all = contexts(folder);
  const found = all.find(context => context.name === name);
  const host = textOf(found?.docker['Host']);
  if (found === undefined || host === undefined) {
    const known = all.map(context => `\`${context.name}\``).join(', ');
    throw new FiredrillError('DRIVER_UNREACHABLE', `expected a docker context; no \`${name}\` in ${folder}.`, {
      hint: known === '' ? 'Name the engine by `host:` instead.' : `Known contexts: ${known}.`,
    });
  }
  const stored = join(folder, 'contexts', 'tls', found.id, 'docker');
  const verify = found.docker['SkipTLSVerify'] !== true;
  return existsSync(stored) ? withTls(host, certificates(stored, verify)) : {host};
}

function local(): EngineAddress {
  return {host: `unix://${DEFAULT_SOCKET}`};
}

function withTls(host: string, tls: EngineAddress['tls']): EngineAddress {
  return tls === undefined || host.startsWith('unix://') ? {host} : {host, tls};
}

function fromEnvironment(ambient: Ambient): EngineAddress {
  const {DOCKER_HOST: host, DOCKER_TLS_VERIFY: verify, DOCKER_CERT_PATH: folder} = ambient.environment;
  if (host === undefined || host === '') return local();
  const wantsTls = verify !== undefined && verify !== '';
  const full = host.includes('://') ? host : `tcp://${host}`;
  return wantsTls ? withTls(full, certificates(folder ?? folderOf(ambient), true)) : {host: full};
}

function ownTls(selector: JsonObject): EngineAddress['tls'] {
  const tls = selector['tls'];
  if (tls === undefined) return undefined;
  const given = recordOf(tls);
  const path = (name: string) => {
    const file = textOf(given[name]);
    return file === undefined ? {} : {[name]: resolve(file)};
  };
  return {...path('ca'), ...path('cert'), ...path('key'), verify: true};
}

/**
 * The engine a selector points at: its `host`, its `context`, else `DOCKER_HOST`, else the local socket. The docker
 * context that happens to be current is never used. Throws DRIVER_UNREACHABLE for a context that does not exist or an
 * endpoint that is not supported.
 */
export function addressOf(selector: JsonObject, ambient: Ambient): EngineAddress {
  const host = textOf(selector['host']);
  const context = textOf(selector['context']);
  let address: EngineAddress;
  if (host !== undefined) address = withTls(host, ownTls(selector));
  else if (context !== undefined) address = fromContext(context, ambient);
  else {
    address = fromEnvironment(ambient);
    const tls = ownTls(selector);
    if (tls !== undefined) address = withTls(address.host, tls);
  }
  const problem = hostProblem(address.host);
  if (problem !== undefined) throw new FiredrillError('DRIVER_UNREACHABLE', `${problem}.`);
  return {
    ...address,
    ...entering(selector['enter'], selector['helperImage'] ?? ambient.environment['FIREDRILL_HELPER_IMAGE']),
  };
}

/** How network namespaces are entered, as far as something was said about it. */
function entering(enter: unknown, image: unknown): Pick<EngineAddress, 'enter' | 'helperImage'> {
  const helperImage = textOf(image);
  return {
    ...(enter === 'nsenter' || enter === 'helper' ? {enter} : {}),
    ...(helperImage === undefined ? {} : {helperImage}),
  };
}

/** Reads an address back from a debt or the plan. */
export function parseAddress(address: JsonObject): EngineAddress {
  const host = textOf(address['host']);
  if (host === undefined) {
    throw new FiredrillError(
      'DRIVER_UNREACHABLE',
      'expected the address of a Docker engine with its `host`; got none.',
    );
  }
  const tls = recordOf(address['tls']);
  const path = (name: string) => {
    const file = textOf(tls[name]);
    return file === undefined ? {} : {[name]: file};
  };
  const inside = entering(address['enter'], address['helperImage']);
  if (address['tls'] === undefined) return {host, ...inside};
  return {host, tls: {...path('ca'), ...path('cert'), ...path('key'), verify: tls['verify'] !== false}, ...inside};
}

/** The start of a `docker` command line that reaches this engine, for people. */
export function dockerCommand(address: EngineAddress): string {
  return address.host === `unix://${DEFAULT_SOCKET}` ? 'docker' : `docker -H ${quoteForShell(address.host)}`;
}
