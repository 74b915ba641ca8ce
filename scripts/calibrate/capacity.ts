import {seededRandom, type Random} from '../../src/quantities/random.js';
import {compareCapacities, sweepCapacity, sweepOf} from '../../src/statistics/index.js';
import {flowOf} from '../../src/verdict/judgement/flow.js';
import {queuedLoad, sweep} from './queue.js';
import {atLeast, atMost, percent, share, type Effort, type Section} from './table.js';

const CAPACITY = 200;
const LEVELS = [40, 80, 120, 160, 200, 240, 280, 40];
const ALLOWED = 0.2;
const ALPHA = 0.01;

/** Systems, and how the load goes through its rates: seconds at each, and how many times. */
const SYSTEMS = [
  {name: 'serving times as in a Poisson process', even: false, each: 4, times: 2},
  {name: 'the same, one sweep', even: false, each: 6, times: 1},
  {name: 'serving times all alike', even: true, each: 4, times: 2},
] as const;

function capacityOf(system: (typeof SYSTEMS)[number], capacity: number, random: Random) {
  const rates = sweep(LEVELS, system.each, system.times);
  const {seconds} = queuedLoad({rates, capacity, ...(system.even ? {} : {random})});
  return sweepCapacity(sweepOf(flowOf(seconds)), random);
}

/** The change of the capacity that is measured between two sweeps, in limits. */
function changeOf(system: (typeof SYSTEMS)[number], after: number, random: Random) {
  const [base, fault] = [CAPACITY, after].map(capacity => capacityOf(system, capacity, random));
  const relative = base && fault && compareCapacities(base, fault, ALPHA)?.relative;
  return relative ?? {estimate: NaN, lower: -Infinity, upper: Infinity};
}

/** What a fault takes of the capacity of a simulated queue, by a load that sweeps its rate. */
export function capacities({runs, seed}: Effort): Section {
  const failures: string[] = [];
  const rows = SYSTEMS.map((system, i) => {
    const random = seededRandom(seed + i);
    const same = Array.from({length: runs}, () => changeOf(system, CAPACITY, random));
    const half = Array.from({length: runs}, () => changeOf(system, CAPACITY / 2, random));
    const alarms = share(runs, run => (same[run]?.upper ?? 0) < 0);
    const held = share(runs, run => (same[run]?.lower ?? -1) > -ALLOWED);
    const found = share(runs, run => (half[run]?.upper ?? 0) < -ALLOWED);
    const holds = (all: typeof same, truth: number) =>
      share(runs, run => (all[run]?.lower ?? 1) <= truth && truth <= (all[run]?.upper ?? -1));
    const inside = (holds(same, 0) + holds(half, -0.5)) / 2;
    failures.push(
      ...atLeast(`capacity, ${system.name}, interval`, inside, 0.98, 2 * runs),
      ...atMost(`capacity, ${system.name}, false alarms`, alarms, ALPHA, runs),
      ...atLeast(`capacity, ${system.name}, held`, held, 0.8, runs),
      ...atLeast(`capacity, ${system.name}, half of it lost`, found, 0.8, runs),
    );
    return [system.name, percent(alarms), percent(held), percent(found), percent(inside)];
  });
  return {
    title: 'Capacity under a fault',
    about:
      'A simulated server that answers 200 requests a second, under a load that goes through seven rates from 40 to 280 a second, before and during the fault: how often (%) a loss is proven although nothing happened and none is allowed, how often 20 % allowed are proven to be held, and how often a loss of a half is proven to be more than 20 %; and how often the interval of the change holds the truth of both (must: 98 %).',
    columns: ['system', 'false alarms', 'held', 'half of it lost: deviated', 'interval holds the truth'],
    rows,
    failures,
  };
}
