import type {DnsFault} from '../quantities/dns.js';

/**
 * A name server that answers wrongly, for a target. Without a seed the draw follows from the target and the parameters.
 */
export interface DnsWish extends Omit<DnsFault, 'seed'> {
  readonly seed: number | undefined;
  /** Name servers that the target asks beside those it is set up with. */
  readonly resolvers: readonly string[];
  readonly forMs: number;
}
