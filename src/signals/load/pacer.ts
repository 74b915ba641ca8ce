import type {LoadSpec, LoadStage} from './spec.js';
import type {Random} from '../../quantities/random.js';

/** When an open-loop load sends: at moments that are known beforehand, whatever became of the requests before. */

/** A stage with where it begins: µs and requests since the start of its round. */
interface Stretch {
  readonly fromUs: number;
  readonly lastsUs: number;
  readonly count: number;
  readonly stage: Pick<LoadStage, 'fromRate' | 'toRate'>;
}

/** The rate of a load over time, as straight lines between the rates of its stages. */
export class Profile {
  private readonly stretches: readonly Stretch[];
  /** All stages together. */
  private readonly roundUs: number;
  private readonly roundCount: number;
  private readonly repeat: boolean;

  constructor({rate, stages = [], repeat = false}: Pick<LoadSpec, 'rate' | 'stages' | 'repeat'>) {
    const stretches: Stretch[] = [];
    let fromUs = 0;
    let count = 0;
    for (const stage of stages) {
      const lastsUs = stage.forMs * 1000;
      stretches.push({fromUs, lastsUs, count, stage});
      fromUs += lastsUs;
      count += ((stage.fromRate + stage.toRate) / 2) * (lastsUs / 1e6);
    }
    this.roundUs = fromUs;
    this.roundCount = count;
    this.repeat = repeat && count > 0;
    const last = stages.at(-1)?.toRate ?? rate;
    // What comes after the last stage has no end.
    if (!this.repeat) stretches.push({fromUs, lastsUs: Infinity, count, stage: {fromRate: last, toRate: last}});
    this.stretches = stretches;
  }

  /** How many requests are due up to here by the rate: its integral from 0 to `us`. */
  countAt(us: number): number {
    const rounds = this.repeat ? Math.floor(us / this.roundUs) : 0;
    const inRound = us - rounds * this.roundUs;
    const {fromUs, count, lastsUs, stage} = this.stretch(({fromUs: start}) => start <= inRound);
    const seconds = (inRound - fromUs) / 1e6;
    const slope = slopeOf(stage, lastsUs);
    return rounds * this.roundCount + count + stage.fromRate * seconds + (slope * seconds * seconds) / 2;
  }

  /**
   * The last moment (µs since the start) at which no more than `count` requests are due by the rate; Infinity when it
   * never comes to more.
   */
  timeOf(count: number): number {
    const rounds = this.repeat ? Math.floor(count / this.roundCount) : 0;
    const inRound = count - rounds * this.roundCount;
    const found = this.stretch(({count: before}) => before <= inRound);
    return rounds * this.roundUs + found.fromUs + timeWithin(found, inRound - found.count);
  }

  /** The last stretch that begins early enough. */
  private stretch(begins: (stretch: Stretch) => boolean): Stretch {
    let low = 0;
    let high = this.stretches.length - 1;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      const stretch = this.stretches[middle];
      if (stretch !== undefined && begins(stretch)) low = middle;
      else high = middle - 1;
    }
    const found = this.stretches[low];
    if (found === undefined) throw new RangeError('a profile has at least one stretch');
    return found;
  }
}

/** Change of the rate, per second and second. */
function slopeOf({fromRate, toRate}: Stretch['stage'], lastsUs: number): number {
  return fromRate === toRate ? 0 : (toRate - fromRate) / (lastsUs / 1e6);
}

/** How long after the start of a stretch `count` requests are due, µs. */
function timeWithin({stage, lastsUs}: Stretch, count: number): number {
  const {fromRate, toRate} = stage;
  if (fromRate === toRate) return fromRate === 0 ? lastsUs : Math.min(lastsUs, (count * 1e6) / fromRate);
  // fromRate·s + slope·s²/2 = count, in the form that does not cancel.
  const root = Math.sqrt(Math.max(0, fromRate * fromRate + 2 * slopeOf(stage, lastsUs) * count));
  return count === 0 ? 0 : Math.min(lastsUs, (2e6 * count) / (fromRate + root));
}

/**
 * The moments (µs since the start) at which requests are due, in order; Infinity when there are no more. `uniform`:
 * each time the integral of the rate has come to a whole number, the first at once. `poisson`: a Poisson process of
 * this rate, by its time change: the integral between two arrivals is exponential with mean 1.
 */
export function arrivalsOf(
  spec: Pick<LoadSpec, 'rate' | 'stages' | 'repeat' | 'arrivals'>,
  random: Random,
): () => number {
  const profile = new Profile(spec);
  let count = spec.arrivals === 'poisson' ? exponential(random) : 0;
  return () => {
    const at = profile.timeOf(count);
    count += spec.arrivals === 'poisson' ? exponential(random) : 1;
    return at;
  };
}

function exponential(random: Random): number {
  return -Math.log(1 - random());
}
