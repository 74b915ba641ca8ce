import type {Edge} from '../../experiment/timeline.js';

interface Deferred {
  readonly promise: Promise<number>;
  readonly resolve: (atUs: number) => void;
}

/** When each occurrence reached which edge (mono µs): what `after` waits for. */
export class Edges {
  private readonly known = new Map<string, Deferred>();

  reached(occurrence: string, edge: Edge, atUs: number): void {
    this.entry(occurrence, edge).resolve(atUs);
  }

  /** Resolves with the time of the edge, also when it lies in the past. */
  when(occurrence: string, edge: Edge): Promise<number> {
    return this.entry(occurrence, edge).promise;
  }

  private entry(occurrence: string, edge: Edge): Deferred {
    const key = `${edge} ${occurrence}`;
    const known = this.known.get(key);
    if (known !== undefined) return known;
    const {promise, resolve} = deferred();
    const entry = {promise, resolve};
    this.known.set(key, entry);
    return entry;
  }
}

function deferred(): Deferred {
  let resolve: (atUs: number) => void = () => undefined;
  const promise = new Promise<number>(done => {
    resolve = done;
  });
  return {promise, resolve};
}
