import {capital} from '../../verdict/phrase.js';
import type {Result} from '../../verdict/result.js';
import {hypothesisOf, scorecard, tone} from '../document.js';
import type {Format} from '../format.js';
import {bullets, code, md, table} from '../markdown/text.js';
import {firstAction, safety, tiles} from '../overview.js';

/** So that the whole has at most 60 lines, whatever the run. */
const [MOST_FINDINGS, MOST_METRICS] = [5, 12];
const SIGNS = {good: '✅', bad: '❌', unsure: '⚠️'} as const;

function findings({findings: all}: Result): readonly string[] {
  const real = all.filter(({severity}) => severity !== 'SEV5');
  if (real.length === 0) return [];
  const more = real.length - MOST_FINDINGS;
  return [
    '**Findings**',
    '',
    ...bullets(
      [
        ...real.slice(0, MOST_FINDINGS).map(({severity, title}) => `${severity}: ${title}`),
        ...(more > 0 ? [`and ${more} more`] : []),
      ],
      '',
    ),
  ];
}

function metrics(result: Result): readonly string[] {
  const rows = scorecard(result);
  const more = rows.length - MOST_METRICS;
  return [
    ...table(
      ['Metric', 'Before', 'During', 'After', 'Allowed', 'Verdict'],
      rows
        .slice(0, MOST_METRICS)
        .map(({name, before, during, after, allowed, verdict}) => [name, before, during, after, allowed, verdict]),
    ),
    ...(more > 0 ? [`${more} more metrics are in the whole report.`, ''] : []),
  ];
}

/** The run in at most 60 lines of Markdown: for a comment on a pull request, or the summary of a step in CI. */
export function renderSummary(result: Result): string {
  const action = firstAction(result);
  const back = safety(result);
  const figures = tiles(result);
  return [
    `### ${SIGNS[tone(result)]} ${md(result.banner.label)}: ${md(result.title)}`,
    '',
    `${md(capital(result.banner.text))}${back === undefined ? '' : ` **${back.text}.**`}`,
    '',
    `Expected: ${md(hypothesisOf(result))}`,
    '',
    ...table(
      figures.map(({name}) => md(name)),
      figures.length === 0
        ? []
        : [figures.map(({before, value, note}) => `${before === undefined ? '' : `${before} → `}${value} (${note})`)],
    ),
    ...findings(result),
    ...(action === undefined ? [] : [`**First:** ${md(action.what)} (${action.priority}, owner to be assigned)`, '']),
    ...metrics(result),
    `Run ${code(result.run)}, exit code ${result.exit}. Again: ${code(result.reproduce.command)}`,
    '',
  ].join('\n');
}

export const format: Format = {file: 'summary.md', order: 40, onRequest: true, render: renderSummary};
