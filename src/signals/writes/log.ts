import {LONGEST_ID, MOST_IDS} from './spec.js';

/** So many ids go into one block; or as many as have room in its bytes. */
const BLOCK_IDS = 32_768;
const BLOCK_BYTES = 1024 * 1024;
/** No character of an id needs more, as UTF-8. */
const MOST_BYTES = LONGEST_ID * 3;

/** Ids as they are kept and handed over: some large pieces of memory instead of millions of texts. */
interface Block {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Where each id ends in them. */
  readonly ends: Uint32Array<ArrayBuffer>;
  /** When each was sent, mono µs. */
  readonly sentAt: Float64Array<ArrayBuffer>;
  /** Whether each was acknowledged: 1 or 0. */
  readonly acknowledged: Uint8Array<ArrayBuffer>;
  count: number;
}

/** The writes of one request of a load. */
export interface Writes {
  readonly blocks: readonly Readonly<Block>[];
  /** Requests without a good answer of whose write no id is known. */
  readonly nameless: number;
  /** Ids that there was no room for. */
  readonly dropped: number;
}

/** One write whose id is known. */
export interface Write {
  readonly id: string;
  /** When it was sent, mono µs. */
  readonly sentUs: number;
  /** It had a good answer. */
  readonly acknowledged: boolean;
}

/** Keeps the writes of one request of a load, up to `most`. */
export class WriteLog {
  private readonly blocks: Block[] = [];
  private kept = 0;
  private nameless = 0;
  private dropped = 0;

  constructor(private readonly most = MOST_IDS) {}

  /** A request has its outcome. Without an id it is one that was not answered well. */
  add({id, sentUs, acknowledged}: Omit<Write, 'id'> & {readonly id: string | undefined}): void {
    if (id === undefined) this.nameless++;
    else if (this.kept >= this.most) this.dropped++;
    else {
      const block = this.open();
      const from = block.ends[block.count - 1] ?? 0;
      block.ends[block.count] = from + Buffer.from(block.bytes.buffer).write(id, from, 'utf8');
      block.sentAt[block.count] = sentUs;
      block.acknowledged[block.count] = acknowledged ? 1 : 0;
      block.count++;
      this.kept++;
    }
  }

  /** All of it, and the memory to hand over to another thread. To be called when nothing is added any more. */
  all(): Writes {
    return {blocks: this.blocks, nameless: this.nameless, dropped: this.dropped};
  }

  private open(): Block {
    const last = this.blocks.at(-1);
    const used = last?.ends[last.count - 1] ?? 0;
    if (last !== undefined && last.count < BLOCK_IDS && used + MOST_BYTES <= BLOCK_BYTES) return last;
    const block = {
      bytes: new Uint8Array(BLOCK_BYTES),
      ends: new Uint32Array(BLOCK_IDS),
      sentAt: new Float64Array(BLOCK_IDS),
      acknowledged: new Uint8Array(BLOCK_IDS),
      count: 0,
    };
    this.blocks.push(block);
    return block;
  }
}

/** The memory of writes: what is handed over instead of copied. */
export function memoryOf({blocks}: Writes): readonly ArrayBuffer[] {
  return blocks.flatMap(({bytes, ends, sentAt, acknowledged}) =>
    [bytes, ends, sentAt, acknowledged].map(({buffer}) => buffer),
  );
}

/** Each write whose id is known, in the order in which their outcomes came. */
export function* writesIn({blocks}: Writes): Generator<Write> {
  for (const {bytes, ends, sentAt, acknowledged, count} of blocks) {
    const text = Buffer.from(bytes.buffer);
    for (let at = 0; at < count; at++) {
      yield {
        id: text.toString('utf8', ends[at - 1] ?? 0, ends[at]),
        sentUs: sentAt[at] ?? 0,
        acknowledged: acknowledged[at] === 1,
      };
    }
  }
}
