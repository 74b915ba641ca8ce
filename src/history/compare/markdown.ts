import {bullets, md, table} from '../../report/markdown/text.js';
import {capital} from '../../verdict/phrase.js';
import type {ComparedRun, ComparedSection, Comparison} from './comparison.js';
import {findingWords} from './finding-words.js';
import {minuteOf} from './words.js';

function runPart(one: ComparedRun): readonly string[] {
  const {run, summary, planned, plannedMore} = one;
  return [
    `## ${md(run)} beside the first`,
    '',
    md(summary),
    '',
    ...bullets(findingWords(one), 'No finding is new or gone.'),
    ...table(
      ['What differs in the plan', 'First', 'Here'],
      planned.map(({where, first, here}) => [where, first, here]),
    ),
    ...(plannedMore === 0 ? [] : [`${plannedMore} more differences are in the records.`, '']),
  ];
}

function sectionPart({name, what, figures}: ComparedSection): readonly string[] {
  return [
    `### ${md(capital(name))}`,
    '',
    `${md(capital(what))}.`,
    '',
    ...table(
      ['Run', 'Figure', 'Compared', 'Surely', 'Beside the first'],
      figures.map(({run, value, compared, surely, against}) => [
        run,
        value,
        compared,
        surely,
        against === null ? '' : `${against.word} (${against.text})`,
      ]),
    ),
  ];
}

/** A comparison in Markdown. */
export function comparisonMarkdown({title, runs, sections, notes}: Comparison): string {
  return [
    `# ${md(title)}: ${runs.length} runs compared`,
    '',
    ...table(
      ['Run', 'Started (UTC)', 'Verdict', 'Exit', 'Headline'],
      runs.map(({run, startedAt, verdict, end, exit, headline}) => [
        run,
        minuteOf(startedAt),
        verdict ?? end,
        String(exit),
        headline,
      ]),
    ),
    ...runs.slice(1).flatMap(runPart),
    '## Figures',
    '',
    ...sections.flatMap(sectionPart),
    ...bullets(notes, ''),
  ].join('\n');
}
