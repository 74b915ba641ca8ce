/** Lets so many in at a time; the others wait in order. */
export class Gate {
  private inside = 0;
  private readonly waiting: (() => void)[] = [];

  constructor(private readonly atOnce: number) {}

  async through<T>(work: () => Promise<T>): Promise<T> {
    if (this.inside >= this.atOnce) await new Promise<void>(enter => this.waiting.push(enter));
    this.inside++;
    try {
      return await work();
    } finally {
      this.inside--;
      this.waiting.shift()?.();
    }
  }
}
