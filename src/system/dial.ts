import {lookup} from 'node:dns/promises';
import {connect, isIP, type ConnectOpts, type NetConnectOpts, type Socket} from 'node:net';

/** A host by name or address (IPv6 without brackets) and a port, or a unix socket. */
export type DialPlace = {readonly host: string; readonly port: number} | {readonly path: string};

interface ResolvedAddress {
  readonly address: string;
  readonly family: number;
}

export interface DialOptions {
  /** The only limit: whoever dials says how long it may take. */
  readonly signal?: AbortSignal | undefined;
  readonly noDelay?: boolean;
  readonly onread?: ConnectOpts['onread'];
  /** The addresses of a name; by default those of the system. */
  readonly addressesOf?: (host: string) => Promise<readonly ResolvedAddress[]>;
}

/** How long an address is tried alone before the next one is tried beside it, ms (RFC 8305, section 5). */
const HEAD_START_MS = 250;

/** What says that this machine has no way to such an address, and nothing about the server. */
const NO_WAY = new Set(['EADDRNOTAVAIL', 'ENETUNREACH', 'EHOSTUNREACH', 'EAFNOSUPPORT']);

/**
 * Connects to the first address of a host that accepts (RFC 8305, "happy eyeballs"). No attempt is ever cut for the
 * sake of the next one, as Node itself does after 250 ms, so a name and its only address that listens have the same
 * outcome at the same time. Rejects with the signal's reason, or with the error of the address that says most about the
 * server.
 */
export function dial(
  place: DialPlace,
  {signal, addressesOf = systemAddresses, ...socket}: DialOptions = {},
): Promise<Socket> {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const race = new Race((error, winner) => {
      signal?.removeEventListener('abort', onAbort);
      if (winner === undefined) reject(error ?? new Error('the name has no address'));
      else resolve(winner);
    });
    const onAbort = () => race.end(signal?.reason as Error);
    signal?.addEventListener('abort', onAbort, {once: true});
    if ('path' in place || isIP(place.host) !== 0) race.start([{...socket, ...place}]);
    else
      addressesOf(place.host).then(
        found => race.start(alternating(found).map(({address}) => ({...socket, host: address, port: place.port}))),
        (error: unknown) => race.end(error as Error),
      );
  });
}

function systemAddresses(host: string): Promise<readonly ResolvedAddress[]> {
  return lookup(host, {all: true, verbatim: true});
}

/** Families in turn, each in its order (RFC 8305, section 4). */
function alternating(addresses: readonly ResolvedAddress[]): readonly ResolvedAddress[] {
  const first = addresses.filter(({family}) => family === addresses[0]?.family);
  const other = addresses.filter(({family}) => family !== addresses[0]?.family);
  const longer = first.length > other.length ? first : other;
  return longer.flatMap((_, i) => [first[i], other[i]].filter(address => address !== undefined));
}

/** Attempts at the addresses of one host. The first connection wins; the others are closed. */
class Race {
  private left: NetConnectOpts[] = [];
  private readonly running = new Set<Socket>();
  private readonly errors: NodeJS.ErrnoException[] = [];
  private timer: NodeJS.Timeout | undefined;
  private over = false;

  constructor(private readonly ended: (error: Error | undefined, winner?: Socket) => void) {}

  start(attempts: readonly NetConnectOpts[]): void {
    this.left = [...attempts];
    this.next();
  }

  end(error: Error | undefined, winner?: Socket): void {
    if (this.over) return;
    this.over = true;
    clearTimeout(this.timer);
    for (const socket of this.running) if (socket !== winner) socket.destroy();
    this.ended(error, winner);
  }

  private next(): void {
    clearTimeout(this.timer);
    if (this.over) return;
    const to = this.left.shift();
    if (to !== undefined) this.attempt(to);
    else if (this.running.size === 0) this.end(this.errors.find(({code = ''}) => !NO_WAY.has(code)) ?? this.errors[0]);
  }

  private attempt(to: NetConnectOpts): void {
    const socket = connect(to);
    this.running.add(socket);
    // Stays for good: a loser may still fail while it closes, and a winner has other listeners.
    socket.on('error', (error: NodeJS.ErrnoException) => {
      this.running.delete(socket);
      this.errors.push(error);
      this.next();
    });
    socket.once('connect', () => this.end(undefined, socket));
    if (this.left.length > 0) this.timer = setTimeout(() => this.next(), HEAD_START_MS);
  }
}
