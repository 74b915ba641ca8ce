import {isIPv4} from 'node:net';
import {encode, type Answer} from 'dns-packet';
import {RECORD_TYPES, type WrongAnswer} from '../quantities/dns.js';
import {HEADER_BYTES, type Query} from './query.js';

const RCODES = {nxdomain: 3, servfail: 2, refused: 5} as const;
const RESPONSE = 0x8000;
const TRUNCATED = 0x0200;
const RECURSION_DESIRED = 0x0100;
const RECURSION_AVAILABLE = 0x0080;
const CHECKING_DISABLED = 0x0010;
/** What every client takes in a datagram (RFC 1035 section 4.2.1). */
const SMALLEST_LIMIT = 512;
/** What we take ourselves; fits a packet on every path (DNS flag day 2020). */
const OUR_PAYLOAD_BYTES = 1232;

/**
 * The wrong answer to a query; undefined where there is to be none. Nothing in it may be kept: addresses have a time to
 * live of zero, and a denial without an SOA record is not cached (RFC 2308 section 5), so that the end of the fault is
 * seen at once.
 */
export function wrongAnswer(
  message: Buffer,
  query: Query,
  answer: WrongAnswer,
  over: 'udp' | 'tcp',
): Buffer | undefined {
  if (answer === 'timeout') return undefined;
  const records = typeof answer === 'string' ? [] : recordsOf(query, answer.address);
  const rcode = typeof answer === 'string' ? RCODES[answer] : 0;
  const whole = assemble(message, query, records, rcode);
  const limit = Math.max(SMALLEST_LIMIT, query.edns?.payloadBytes ?? 0);
  return over === 'tcp' || whole.length <= limit ? whole : assemble(message, query, [], rcode | TRUNCATED);
}

/** Of the family that was asked for; where there is none the name exists without such an address. */
function recordsOf({name, type}: Query, addresses: readonly string[]): readonly Answer[] {
  return addresses.flatMap((data): Answer[] => {
    if (isIPv4(data)) return type === RECORD_TYPES.A ? [{type: 'A', name, ttl: 0, data}] : [];
    return type === RECORD_TYPES.AAAA ? [{type: 'AAAA', name, ttl: 0, data}] : [];
  });
}

/** The question stands in the answer as it came, byte for byte: clients compare it. */
function assemble(message: Buffer, query: Query, answers: readonly Answer[], state: number): Buffer {
  const flags =
    state |
    RECURSION_AVAILABLE |
    (query.recursionDesired ? RECURSION_DESIRED : 0) |
    (query.checkingDisabled ? CHECKING_DISABLED : 0);
  const {edns} = query;
  const opt = {
    type: 'OPT' as const,
    name: '.',
    udpPayloadSize: OUR_PAYLOAD_BYTES,
    extendedRcode: 0,
    ednsVersion: 0,
    flags: edns?.dnssecOk === true ? 0x8000 : 0,
    flag_do: edns?.dnssecOk === true,
    options: [],
  };
  const rest = encode({type: 'response', answers: [...answers], additionals: edns === undefined ? [] : [opt]});
  const header = Buffer.from(rest.subarray(0, HEADER_BYTES));
  header.writeUInt16BE(query.id, 0);
  header.writeUInt16BE(RESPONSE | flags, 2);
  header.writeUInt16BE(1, 4);
  return Buffer.concat([header, message.subarray(HEADER_BYTES, query.questionEnd), rest.subarray(HEADER_BYTES)]);
}
