import {differenceOf, holm} from '../../statistics/index.js';
import type {Against, ComparedSection, Figure} from './comparison.js';
import type {RawFigure, Section} from './figures.js';

/**
 * The loosest level of a limit that a report prints: where a metric held, its limit is wrong in one of twenty. Taken
 * for all of them, so that nothing is called proven by a limit that is looser than it is thought to be.
 */
const PRINTED = 0.05;
/** Of a difference either way. */
const ALPHA = 0.01;

/** A difference that was looked for, before all of a run are weighed together. */
interface Looked {
  readonly section: Section;
  readonly difference: {readonly estimate: number; readonly lower: number; readonly upper: number};
  readonly chance: number;
  readonly terms: NonNullable<RawFigure['of']>;
}

function look(section: Section, figure: RawFigure, first: RawFigure | undefined): Looked | string {
  if (figure.limits === null || first?.limits == null || figure.of === null || first.of === null) {
    return figure.limits === null ? 'nothing to compare here' : 'nothing to compare in the first';
  }
  if (figure.of !== first.of) return 'the two were measured in different terms';
  if (!section.bracket) {
    const {chance, ...difference} = differenceOf(first.limits, figure.limits, {given: PRINTED, asked: ALPHA});
    return {section, difference, chance, terms: figure.of};
  }
  // It happened between two samples: only spans that do not meet are proof, and they are.
  const lower = figure.limits.lower - first.limits.upper;
  const upper = figure.limits.upper - first.limits.lower;
  const estimate = figure.limits.estimate - first.limits.estimate;
  return {section, difference: {estimate, lower, upper}, chance: lower > 0 || upper < 0 ? 0 : 1, terms: figure.of};
}

function wordFor({section, difference}: Looked): Against['word'] {
  if (section.worse === 'either') return 'different';
  const rose = difference.estimate > 0;
  return rose === (section.worse === 'higher') ? 'worse' : 'better';
}

function textOf({section, difference, terms}: Looked): string {
  const {estimate, lower, upper} = difference;
  const say = (value: number) => (Number.isFinite(value) ? section.say(value, terms) : 'no limit');
  const range = `${say(lower)} to ${say(upper)}`;
  return Number.isFinite(estimate) ? `${say(estimate)}, surely ${range}` : `surely ${range}`;
}

/** What the figures of one run are beside those of the first, all of them weighed together. */
function againstFirst(sections: readonly Section[], run: string, firstRun: string): ReadonlyMap<Section, Against> {
  const looked = sections.map(section => {
    const of = (name: string) => section.figures.find(figure => figure.run === name);
    const figure = of(run);
    return {section, found: figure === undefined ? 'nothing to compare here' : look(section, figure, of(firstRun))};
  });
  const measured = looked.flatMap(({found}) => (typeof found === 'string' ? [] : [found]));
  const proven = holm(
    measured.map(({chance}) => chance),
    2 * ALPHA,
  );
  return new Map(
    looked.map(({section, found}) => {
      if (typeof found === 'string') return [section, {word: 'not comparable', text: found}];
      const word = proven[measured.indexOf(found)] === true ? wordFor(found) : 'no difference proven';
      return [section, {word, text: textOf(found)}];
    }),
  );
}

/** The sections with what each figure is beside that of the first run. */
export function judgeFigures(sections: readonly Section[], firstRun: string): readonly ComparedSection[] {
  const runs = new Set(sections.flatMap(({figures}) => figures.map(({run}) => run)));
  const judged = new Map(
    [...runs].filter(run => run !== firstRun).map(run => [run, againstFirst(sections, run, firstRun)]),
  );
  return sections.map(section => {
    const {name, kind, what, figures} = section;
    const told = ({of: _of, ...figure}: RawFigure): Figure => ({
      ...figure,
      against: judged.get(figure.run)?.get(section) ?? null,
    });
    return {name, kind, what, figures: figures.map(told)};
  });
}
