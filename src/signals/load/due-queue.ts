/** What is due later, the earliest first: a binary heap. */
export class DueQueue<T extends {readonly intended: number}> {
  private readonly heap: T[] = [];

  /** When the first of them is due; Infinity when there is none. */
  get next(): number {
    return this.heap[0]?.intended ?? Infinity;
  }

  push(item: T): void {
    let at = this.heap.push(item) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const above = this.heap[parent];
      if (above === undefined || above.intended <= item.intended) break;
      this.heap[at] = above;
      this.heap[parent] = item;
      at = parent;
    }
  }

  /** Takes the first one out. */
  pop(): T | undefined {
    const [first] = this.heap;
    const last = this.heap.pop();
    if (last === undefined || last === first) return first;
    let at = 0;
    for (;;) {
      const child = this.earlierChild(at);
      const below = this.heap[child];
      if (below === undefined || below.intended >= last.intended) break;
      this.heap[at] = below;
      at = child;
    }
    this.heap[at] = last;
    return first;
  }

  private earlierChild(at: number): number {
    const [left, right] = [this.heap[2 * at + 1], this.heap[2 * at + 2]];
    return right !== undefined && left !== undefined && right.intended < left.intended ? 2 * at + 2 : 2 * at + 1;
  }
}
