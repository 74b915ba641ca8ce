/** Things to be done after a while, which may all be brought forward. */
export class Later {
  readonly #waiting = new Map<NodeJS.Timeout, () => void>();

  get size(): number {
    return this.#waiting.size;
  }

  /** Calls `act` after `ms`, or `instead` when `flush` comes first. */
  add(ms: number, act: () => void, instead: () => void): void {
    if (ms <= 0) {
      act();
      return;
    }
    const timer = setTimeout(() => {
      this.#waiting.delete(timer);
      act();
    }, ms);
    this.#waiting.set(timer, instead);
  }

  flush(): void {
    const waiting = [...this.#waiting];
    this.clear();
    for (const [, instead] of waiting) instead();
  }

  clear(): void {
    for (const timer of this.#waiting.keys()) clearTimeout(timer);
    this.#waiting.clear();
  }
}
