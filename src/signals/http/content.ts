import {brotliDecompressSync, constants, gunzipSync, inflateRawSync, inflateSync, type ZlibOptions} from 'node:zlib';
import {fieldOf, type WireAnswer} from './exchange.js';

/** What a body may become when it is unpacked, bytes: a small one can hold a huge one. */
const LARGEST_UNPACKED = 10 * 1024 * 1024;
/** Codings on top of each other; nobody needs more than one. */
const MOST_CODINGS = 3;

/** Marks at the start of a text that decide over everything else what it is written in. */
const MARKS: readonly (readonly [bytes: readonly number[], charset: string])[] = [
  [[0xef, 0xbb, 0xbf], 'utf-8'],
  [[0xfe, 0xff], 'utf-16be'],
  [[0xff, 0xfe], 'utf-16le'],
];

/**
 * The text of a body: unpacked by its content codings (RFC 9110, section 8.4: gzip, deflate, br), in the charset that
 * its mark, else its content type names, else UTF-8. Undefined when a coding is unknown, the body is not what its
 * coding says, or it becomes too large. Of a body that was not kept as a whole, its start.
 */
export function bodyText(answer: Pick<WireAnswer, 'content' | 'size' | 'fields'>): string | undefined {
  const bytes = unpacked(answer);
  if (bytes === undefined) return undefined;
  const mark = MARKS.find(([start]) => start.every((byte, i) => bytes[i] === byte));
  const label = mark?.[1] ?? /;\s*charset\s*=\s*"?([^\s;"]+)/i.exec(fieldOf(answer, 'content-type') ?? '')?.[1];
  return decoder(label).decode(bytes);
}

function unpacked(answer: Pick<WireAnswer, 'content' | 'size' | 'fields'>): Buffer | undefined {
  const codings = (fieldOf(answer, 'content-encoding') ?? '')
    .split(',')
    .map(coding => coding.trim().toLowerCase())
    .filter(coding => coding !== '' && coding !== 'identity');
  if (codings.length > MOST_CODINGS) return undefined;
  const cut = answer.size > answer.content.length;
  try {
    return codings.reduceRight<Buffer>((bytes, coding) => unpack(bytes, coding, cut), answer.content);
  } catch {
    return undefined;
  }
}

/** `cut`: its end is missing. Throws when it is not packed like that. */
function unpack(bytes: Buffer, coding: string, cut: boolean): Buffer {
  if (bytes.length === 0) return bytes;
  const limits: ZlibOptions = {
    maxOutputLength: LARGEST_UNPACKED,
    ...(cut ? {finishFlush: constants.Z_SYNC_FLUSH} : {}),
  };
  switch (coding) {
    case 'gzip':
    case 'x-gzip':
      return gunzipSync(bytes, limits);
    case 'deflate':
      // With the header of zlib, as it should be, or bare, as some servers send it. It begins with 8 (RFC 1950, section
      // 2.2).
      return ((bytes[0] ?? 0) & 0x0f) === 8 ? inflateSync(bytes, limits) : inflateRawSync(bytes, limits);
    case 'br':
      return brotliDecompressSync(bytes, {
        maxOutputLength: LARGEST_UNPACKED,
        ...(cut ? {finishFlush: constants.BROTLI_OPERATION_FLUSH} : {}),
      });
    default:
      throw new Error(`no coding \`${coding}\``);
  }
}

/** What cannot be read as it should is shown as U+FFFD; a charset that nobody knows is taken for UTF-8. */
function decoder(label = 'utf-8'): InstanceType<typeof TextDecoder> {
  try {
    return new TextDecoder(label);
  } catch {
    return new TextDecoder();
  }
}
