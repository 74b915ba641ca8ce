import {decode} from 'dns-packet';
import {foldName} from '../quantities/dns.js';

/** A question as a client sends it: one name, one type, nothing else that matters. */
export interface Query {
  readonly id: number;
  /** Folded: see foldName. */
  readonly name: string;
  /** As a number: see RECORD_TYPES. */
  readonly type: number;
  /**
   * Where the question ends in the message: it is given back as it came, with the case of its letters (draft dns0x20).
   */
  readonly questionEnd: number;
  readonly recursionDesired: boolean;
  readonly checkingDisabled: boolean;
  /** What EDNS says (RFC 6891); undefined where the client does not speak it. */
  readonly edns: {readonly payloadBytes: number; readonly dnssecOk: boolean} | undefined;
}

export const HEADER_BYTES = 12;
const INTERNET = 1;

/** Where the one question ends; names in it are never compressed. */
function endOfQuestion(message: Buffer): number {
  let at = HEADER_BYTES;
  for (let length = message.readUInt8(at); length !== 0; length = message.readUInt8(at)) {
    if (length > 63) throw new RangeError('compressed name in a question');
    at += 1 + length;
  }
  return at + 1 + 4;
}

/**
 * Reads a plain query; undefined for all else (answers, updates, notifies, several questions, other classes, broken
 * messages), which is none of our business.
 */
export function readQuery(message: Buffer): Query | undefined {
  try {
    const flags = message.readUInt16BE(2);
    // QR and opcode: a standard query has all five bits clear. QDCOUNT is 1.
    if ((flags & 0xf800) !== 0 || message.readUInt16BE(4) !== 1) return undefined;
    const questionEnd = endOfQuestion(message);
    if (message.readUInt16BE(questionEnd - 2) !== INTERNET) return undefined;
    const {questions, additionals} = decode(message);
    const opt = additionals?.find(record => record.type === 'OPT');
    return {
      id: message.readUInt16BE(0),
      name: foldName(questions?.[0]?.name ?? ''),
      type: message.readUInt16BE(questionEnd - 4),
      questionEnd,
      recursionDesired: (flags & 0x0100) !== 0,
      checkingDisabled: (flags & 0x0010) !== 0,
      edns: opt === undefined ? undefined : {payloadBytes: opt.udpPayloadSize, dnssecOk: opt.flag_do},
    };
  } catch {
    return undefined;
  }
}
