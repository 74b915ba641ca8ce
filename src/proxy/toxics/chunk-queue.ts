/** A small chunk costs more memory than its bytes: what is counted for each on top. */
const OVERHEAD = 256;

/**
 * A first-in first-out queue of chunks that knows what it holds. Taking from the front costs the same at any length.
 */
export class ChunkQueue<T extends {readonly chunk: Buffer}> {
  #items: (T | undefined)[] = [];
  #front = 0;
  #cost = 0;

  get first(): T | undefined {
    return this.#items[this.#front];
  }

  /** Bytes of memory, about. */
  get cost(): number {
    return this.#cost;
  }

  push(item: T): void {
    this.#items.push(item);
    this.#cost += item.chunk.length + OVERHEAD;
  }

  shift(): T | undefined {
    const item = this.first;
    if (item === undefined) return undefined;
    this.#items[this.#front] = undefined;
    this.#front += 1;
    this.#cost -= item.chunk.length + OVERHEAD;
    if (this.#front === this.#items.length || this.#front > 1024) {
      this.#items = this.#items.slice(this.#front);
      this.#front = 0;
    }
    return item;
  }

  clear(): void {
    this.#items = [];
    this.#front = 0;
    this.#cost = 0;
  }
}
