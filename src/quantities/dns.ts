/** Record types of DNS by name (IANA, "Domain Name System Parameters"). */
export const RECORD_TYPES = {
  A: 1,
  NS: 2,
  CNAME: 5,
  SOA: 6,
  PTR: 12,
  MX: 15,
  TXT: 16,
  AAAA: 28,
  SRV: 33,
  NAPTR: 35,
  DS: 43,
  DNSKEY: 48,
  TLSA: 52,
  SVCB: 64,
  HTTPS: 65,
  ANY: 255,
  CAA: 257,
} as const;

export type RecordType = keyof typeof RECORD_TYPES;

/** What a name server that fails says instead of the truth. `timeout`: nothing at all. */
export type WrongAnswer = 'nxdomain' | 'servfail' | 'refused' | 'timeout' | {readonly address: readonly string[]};

/** What is done to which questions of a target. */
export interface DnsFault {
  /** Undefined: the true answer, only later. */
  readonly answer?: WrongAnswer | undefined;
  readonly delayMs: number;
  /** Patterns in which `*` stands for any characters; none: all names. */
  readonly names: readonly string[];
  /** None: all types. */
  readonly types: readonly RecordType[];
  /** Of the matching questions, 0 to 1. */
  readonly share: number;
  readonly seed: number;
}

/** A name as names are compared: without the last dot, in lower case. */
export function foldName(name: string): string {
  return name.replace(/\.$/, '').toLowerCase();
}

/**
 * Whether a folded name matches a pattern (`*.example.com`: any name below; `db-*`; `*`). Linear in time for any
 * pattern: after a mismatch only the last `*` takes one character more.
 */
export function matchesName(pattern: string, name: string): boolean {
  const wanted = foldName(pattern);
  let [at, star, resume] = [0, -1, 0];
  for (let i = 0; i < name.length;) {
    if (wanted[at] === '*') [star, resume] = [at++, i];
    else if (wanted[at] === name[i]) [at, i] = [at + 1, i + 1];
    else if (star !== -1) [at, i] = [star + 1, ++resume];
    else return false;
  }
  while (wanted[at] === '*') at++;
  return at === wanted.length;
}
