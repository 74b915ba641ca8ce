import {clock} from './clock.js';
import {capacities} from './capacity.js';
import {errors, quantiles} from './counts.js';
import {designs} from './designs.js';
import {atTheMargin, decides} from './decides.js';
import {coverage, falseAlarms} from './means.js';
import {suggestions} from './settle.js';
import {goesOn} from './goes-on.js';
import type {Effort, Section} from './table.js';
import {area, detector, recovery} from './times.js';
import {trends} from './trends.js';
import {experiments, gate} from './verdicts.js';

/** Every table of the calibration, with the runs of a figure as a share of the full effort: some cost a hundred times what others do. */
export const SECTIONS: readonly (readonly [section: (effort: Effort) => Section, share: number])[] = [
  [falseAlarms, 1],
  [decides, 0.25],
  [goesOn, 0.05],
  [atTheMargin, 0.1],
  [coverage, 1],
  [experiments, 0.25],
  [gate, 0.5],
  [trends, 0.25],
  [errors, 0.5],
  [quantiles, 0.1],
  [detector, 1],
  [recovery, 0.25],
  [suggestions, 0.1],
  [area, 0.5],
  [clock, 0.05],
  [designs, 0.5],
  [capacities, 0.025],
];

/** All tables; the same runs and seed give the same tables. */
export function calibrate(
  runs: number,
  seed: number,
  report: (title: string, seconds: number) => void,
): readonly Section[] {
  return SECTIONS.map(([section, share]) => {
    const started = performance.now();
    const made = section({runs: Math.ceil(runs * share), seed});
    report(made.title, (performance.now() - started) / 1000);
    return made;
  });
}
