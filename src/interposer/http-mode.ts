import {once} from 'node:events';
import {createServer, type AddressInfo, type Server, type Socket} from 'node:net';
import {setTimeout as delay} from 'node:timers/promises';
import {isDeepStrictEqual} from 'node:util';
import * as z from 'zod';
import type {Address} from '../proxy/address.js';
import {HIGH_WATER_MARK} from '../proxy/session.js';
import {markInOneGo, Sessions, stageBudget} from '../proxy/sessions.js';
import {bindToxic} from '../proxy/toxics/registry.js';
import type {Json} from '../quantities/json.js';
import type {Counters, Mode, ModePlace, Redirect, RunningMode} from './mode.js';
import {addressesFor} from './names.js';

const CONNECT_TIMEOUT_MS = 10_000;
/** How often a host name is looked up again: services move. */
const LOOK_UP_EVERY_MS = 5_000;
const DRAIN_POLL_MS = 20;
/** The lease of the process is what ends it; this only has to be longer. */
const TOXIC_TTL_MS = 7 * 24 * 3600 * 1000;
const FAULT = 'fault';

const port = () => z.int().min(1).max(65_535);

const optionsSchema = () =>
  z.strictObject({
    /** A toxic of the proxy that works on requests. */
    toxic: z.strictObject({
      type: z.string(),
      attributes: z.record(z.string(), z.custom<Json>()),
      share: z.number().gt(0).max(1),
      seed: z.int().min(0).max(0xffff_ffff),
    }),
    /** Requests that the target receives on this port, or sends there. */
    at: z.union([z.strictObject({port: port()}), z.strictObject({host: z.string().min(1), port: port()})]),
    existing: z.enum(['reset', 'leave']),
  });

type HttpModeOptions = z.infer<ReturnType<typeof optionsSchema>>;

/** HTTP requests that the target receives on a port, or sends to a host, through a toxic of the proxy. */
export const httpMode: Mode = {
  start: async (given, place) => {
    const options = optionsSchema().parse(given);
    markInOneGo();
    const running = new HttpInterposer(options, place);
    try {
      await running.listen();
    } catch (error) {
      await running.close();
      throw error;
    }
    return running;
  },
};

/** An IPv4 address that came in by a socket of both families. */
function plainAddress(address = ''): string {
  return address.replace(/^::ffff:/, '');
}

class HttpInterposer implements RunningMode {
  redirects: readonly Redirect[] = [];
  readonly #sessions: Sessions;
  readonly #servers: Server[] = [];
  #again: NodeJS.Timeout | undefined;
  #addresses: readonly string[] = [];

  constructor(
    private readonly options: HttpModeOptions,
    private readonly place: ModePlace,
  ) {
    const sessions: Sessions = new Sessions({
      connectTimeoutMs: CONNECT_TIMEOUT_MS,
      budget: () => stageBudget(sessions.open),
      log: () => undefined,
    });
    this.#sessions = sessions;
    const {type, attributes, ...rest} = options.toxic;
    const bound = bindToxic(type, attributes);
    if (typeof bound === 'string') throw new Error(bound);
    if (bound.http === undefined) throw new Error(`expected a toxic that works on requests; got \`${type}\``);
    sessions.toxics.add(FAULT, {type, attributes, direction: 'both', ttlMs: TOXIC_TTL_MS, ...rest}, bound);
  }

  async listen(): Promise<void> {
    const {at} = this.options;
    if ('host' in at) {
      await this.#lookUp(at.host, at.port);
      this.#again = setInterval(() => void this.#lookUp(at.host, at.port).catch(() => undefined), LOOK_UP_EVERY_MS);
      return;
    }
    // The rules lead to the address that the interface has, and the service is behind the same one.
    const to = await this.#serve(this.place.ipv6 ? '::' : '0.0.0.0', client => ({
      host: plainAddress(client.localAddress),
      port: at.port,
    }));
    this.redirects = [{hook: 'input', protocol: 'tcp', port: at.port, to, existing: this.options.existing}];
  }

  /** One port for each address of the host, so that it is known where a connection was to go. */
  async #lookUp(host: string, port: number): Promise<void> {
    const found = await addressesFor(host, this.place.targetPid);
    const addresses = found.filter(address => this.place.ipv6 || !address.includes(':'));
    if (isDeepStrictEqual(addresses, this.#addresses)) return;
    this.#addresses = addresses;
    const redirects: Redirect[] = [];
    for (const address of addresses) {
      const known = this.redirects.find(one => one.address === address);
      const to =
        known?.to ?? (await this.#serve(address.includes(':') ? '::1' : '127.0.0.1', () => ({host: address, port})));
      redirects.push({hook: 'output', protocol: 'tcp', port, address, to, existing: this.options.existing});
    }
    this.redirects = redirects;
    this.place.changed();
  }

  async #serve(host: string, upstreamOf: (client: Socket) => Address): Promise<number> {
    const server = createServer({allowHalfOpen: true, noDelay: true, highWaterMark: HIGH_WATER_MARK}, client =>
      this.#sessions.accept(client, upstreamOf(client)),
    );
    server.listen({host, port: 0});
    await once(server, 'listening');
    // Running out of file descriptors is reported here; connections that are open go on.
    server.on('error', () => undefined);
    this.#servers.push(server);
    return (server.address() as AddressInfo).port;
  }

  counters(): Counters {
    const {open, accepted, unreachable} = this.#sessions;
    const [toxic] = this.#sessions.toxics.view().toxics;
    const {tls = 0, http2 = 0, other = 0, requests = 0, matched = 0, hits = 0} = toxic?.counters ?? {};
    return {exercised: hits, requests, matched, hits, tls, http2, other, open, accepted, unreachable};
  }

  async drain(withinMs: number): Promise<void> {
    const until = performance.now() + withinMs;
    this.#sessions.finish();
    while (this.#sessions.open > 0 && performance.now() < until) await delay(DRAIN_POLL_MS);
  }

  async close(): Promise<void> {
    clearInterval(this.#again);
    this.#sessions.toxics.clear();
    for (const server of this.#servers) server.close();
    this.#sessions.end();
    // The ends of the connections still have to leave.
    await delay(DRAIN_POLL_MS);
  }
}
