import {setTimeout as delay} from 'node:timers/promises';
import type {DnsFault} from '../quantities/dns.js';
import type {Door} from './door.js';
import type {NameServer} from './resolver.js';
import {openTcpDoor} from './tcp-door.js';
import {Treatments, type MessageCounts} from './treatment.js';
import {openUdpDoor} from './udp-door.js';

/** How often a drain looks whether something is still under way. */
const LOOK_MS = 20;

/** Where what was meant for a name server is taken. */
export interface DnsListener {
  readonly server: NameServer;
  readonly udp: number;
  readonly tcp: number;
}

/** A name server that answers wrongly what the fault is about, and passes all else on to the one that was meant. */
export class DnsServer {
  private constructor(
    readonly entries: readonly DnsListener[],
    private readonly doors: readonly Door[],
    private readonly treatments: Treatments,
  ) {}

  /**
   * Listens on loopback, with ports of its own for each name server.
   * @throws the error of a socket that cannot listen.
   */
  static async open(servers: readonly NameServer[], fault: DnsFault): Promise<DnsServer> {
    const treatments = new Treatments(fault);
    const doors: Door[] = [];
    const entries: DnsListener[] = [];
    try {
      for (const server of servers) {
        const udp = await openUdpDoor({server, treatments});
        doors.push(udp);
        const tcp = await openTcpDoor({server, treatments});
        doors.push(tcp);
        entries.push({server, udp: udp.port, tcp: tcp.port});
      }
    } catch (error) {
      await Promise.all(doors.map(door => door.close()));
      throw error;
    }
    return new DnsServer(entries, doors, treatments);
  }

  get counts(): MessageCounts {
    return this.treatments.counts;
  }

  /** Answers nothing wrongly any more, and resolves once nothing is under way, or after `withinMs`. */
  async drain(withinMs: number): Promise<void> {
    this.treatments.retire();
    for (const door of this.doors) door.release();
    const end = performance.now() + withinMs;
    while (this.doors.some(door => door.underWay > 0) && performance.now() < end) await delay(LOOK_MS);
  }

  /** Ends everything at once. */
  async close(): Promise<void> {
    await Promise.all(this.doors.map(door => door.close()));
  }
}
