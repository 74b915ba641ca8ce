import type {Random} from '../../src/quantities/random.js';

/** Standard normal draws (Box and Muller 1958). */
export function normals(random: Random): () => number {
  let spare = NaN;
  return () => {
    if (!Number.isNaN(spare)) {
      const second = spare;
      spare = NaN;
      return second;
    }
    const radius = Math.sqrt(-2 * Math.log(1 - random()));
    const angle = 2 * Math.PI * random();
    spare = radius * Math.sin(angle);
    return radius * Math.cos(angle);
  };
}

/** A stationary AR(1) with variance 1. */
export function autoregressive(length: number, correlation: number, normal: () => number): Float64Array {
  const innovation = Math.sqrt(1 - correlation ** 2);
  let state = normal();
  return Float64Array.from({length}, () => {
    const now = state;
    state = correlation * state + innovation * normal();
    return now;
  });
}

/** A kind of noise: positive values around `level`, with a spread of about 20 %. */
export interface Noise {
  readonly name: string;
  readonly make: (length: number, random: Random) => number[];
}

const SPREAD = 0.2;

const lognormal = (correlation: number) => (length: number, random: Random) =>
  Array.from(autoregressive(length, correlation, normals(random)), z => 100 * Math.exp(SPREAD * z));

/** A slow random walk on top of white noise: a baseline that is not quite steady. */
function wandering(length: number, random: Random): number[] {
  const normal = normals(random);
  let walk = 0;
  return Array.from({length}, () => 100 * Math.exp((walk += 0.003 * normal()) + SPREAD * normal()));
}

/** A p99-like series: correlated, with one bin in twenty up to several times as high. */
function spiky(length: number, random: Random): number[] {
  return lognormal(0.3)(length, random).map(value =>
    random() < 0.05 ? value * (1.5 - Math.log(1 - random())) : value,
  );
}

/** A pause every 17 bins, as a garbage collector makes. */
function periodic(length: number, random: Random): number[] {
  const phase = Math.floor(random() * 17);
  return lognormal(0)(length, random).map((value, i) => ((i + phase) % 17 === 0 ? value * 3 : value));
}

/** A gauge that knows eight values only. */
const tied = (length: number, random: Random) =>
  lognormal(0.3)(length, random).map(value => Math.max(1, Math.round(value / 20)));

/** The load goes up and down by 5 % over two windows. */
function drifting(length: number, random: Random): number[] {
  const phase = 2 * Math.PI * random();
  return lognormal(0)(length, random).map(
    (value, i) => value * (1 + 0.05 * Math.sin(phase + (2 * Math.PI * i) / length)),
  );
}

/** White noise on a level that wanders as slowly as an AR(1) with this correlation; both have the same variance. */
export const slowNoise = (correlation: number): Noise => ({
  name: `slow level ${correlation} and white`,
  make: (length, random) => {
    const normal = normals(random);
    return Array.from(
      autoregressive(length, correlation, normal),
      z => 100 * Math.exp((SPREAD * (z + normal())) / Math.SQRT2),
    );
  },
});

/** A healthy system with bursts of `seconds` (or 2 to 6), one in so many seconds: at even distances, or at random. */
export const burstNoise = ({
  seconds,
  every,
  times,
  even,
}: {
  seconds?: number;
  every: number;
  times: number;
  even: boolean;
}): Noise => ({
  name: `${seconds ?? '2 to 6'} s of ×${times}, ${even ? 'each' : 'about each'} ${every} s`,
  make: (length, random) => {
    const calm = autoregressive(length, 0.3, normals(random));
    const phase = Math.floor(random() * every);
    const until = {burst: -Infinity};
    return Array.from(calm, (z, i) => {
      const begins = even ? (i + phase) % every === 0 : random() < 1 / every;
      if (begins) until.burst = i + (seconds ?? 2 + Math.floor(5 * random()));
      const burst = i < until.burst || (even && (i + phase) % every < (seconds ?? 0));
      return 100 * Math.exp(0.08 * z) * (burst ? times : 1);
    });
  },
});

export const autoregressiveNoise = (correlation: number): Noise => ({
  name: correlation === 0 ? 'white' : `AR ${correlation}`,
  make: lognormal(correlation),
});

export const OTHER_NOISES: readonly Noise[] = [
  {name: 'spiky', make: spiky},
  {name: 'pause every 17', make: periodic},
  {name: 'ties', make: tied},
  {name: 'drift ±5 %', make: drifting},
  {name: 'random walk', make: wandering},
];
