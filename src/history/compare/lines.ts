import type {ChalkInstance} from 'chalk';
import {table, wrap} from '../../terminal/text.js';
import type {Against, ComparedRun, ComparedSection, Comparison} from './comparison.js';
import {findingWords} from './finding-words.js';
import {minuteOf} from './words.js';

interface Told {
  readonly style: ChalkInstance;
  readonly columns: number;
}

const COLOURS = {
  better: 'green',
  worse: 'red',
  different: 'yellow',
  'no difference proven': 'dim',
  'not comparable': 'dim',
} as const;

function againstWords(against: Against | null, style: ChalkInstance): string {
  if (against === null) return '';
  return `${style[COLOURS[against.word]](against.word)} (${against.text})`;
}

function sectionLines({name, what, figures}: ComparedSection, {style}: Told): readonly string[] {
  const rows = figures.map(({run, value, compared, surely, against}) => [
    run,
    value,
    compared,
    surely,
    againstWords(against, style),
  ]);
  return [
    '',
    `${style.bold(name)}: ${what}`,
    ...table([['RUN', 'FIGURE', 'COMPARED', 'SURELY', 'BESIDE THE FIRST'], ...rows], '  '),
  ];
}

function runLines(run: ComparedRun, width: number): readonly string[] {
  const {planned, plannedMore} = run;
  const plan = planned.map(({where, first, here}) => `plan: ${where}: ${first} → ${here}`);
  const more = plannedMore === 0 ? [] : [`plan: ${plannedMore} more differences`];
  return [...findingWords(run), ...plan, ...more].flatMap(line => wrap(line, width, '  '));
}

/** A comparison for a terminal. */
export function comparisonLines({title, runs, sections, notes}: Comparison, told: Told): readonly string[] {
  const {style, columns} = told;
  const width = Math.min(columns, 110);
  const rows = runs.map(({run, startedAt, verdict, end, exit, title: own}) => [
    run,
    minuteOf(startedAt),
    verdict ?? end,
    String(exit),
    own,
  ]);
  return [
    style.bold(title),
    ...table([['RUN', 'STARTED (UTC)', 'VERDICT', 'EXIT', 'TITLE'], ...rows]),
    ...runs.slice(1).flatMap(run => ['', ...wrap(`${run.run}: ${run.summary}`, width), ...runLines(run, width)]),
    ...sections.flatMap(section => sectionLines(section, told)),
    '',
    ...notes.flatMap(note => wrap(note, width).map(line => style.dim(line))),
  ];
}
