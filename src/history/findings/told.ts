import {table as markdownTable} from '../../report/markdown/text.js';
import {table} from '../../terminal/text.js';
import {minuteOf} from '../compare/words.js';
import type {RegisteredFinding} from './register.js';

/** What is to be said of its state beside the word, as a clause; empty where that says all. */
function more({state, notSeenIn, resolution, reopened}: RegisteredFinding): string {
  if (reopened && resolution !== null) return `reopened: it was resolved by ${resolution.by} (${resolution.why})`;
  if (state === 'resolved' && resolution !== null) return `by ${resolution.by}: ${resolution.why}`;
  const count = notSeenIn.length;
  return state === 'fixed' ? `not seen in ${count} later ${count === 1 ? 'run' : 'runs'} that could have shown it` : '';
}

const stateWords = (finding: RegisteredFinding) => {
  const clause = more(finding);
  return clause === '' ? finding.state : `${finding.state}, ${clause}`;
};

/** The register for a terminal. */
export function registerLines(findings: readonly RegisteredFinding[]): readonly string[] {
  const rows = findings.map(finding => {
    const {id, severity, state, runs, firstSeen, lastSeen, title, experiment} = finding;
    const clause = more(finding);
    const told = clause === '' ? title : `${title} (${clause})`;
    return [id, severity, state, String(runs), minuteOf(firstSeen.at), minuteOf(lastSeen.at), `${experiment}: ${told}`];
  });
  return table([['ID', 'SEVERITY', 'STATE', 'RUNS', 'FIRST (UTC)', 'LAST (UTC)', 'FINDING'], ...rows]);
}

/** The register in Markdown. */
export function registerMarkdown(findings: readonly RegisteredFinding[]): string {
  return [
    '# Findings',
    '',
    ...markdownTable(
      ['Id', 'Severity', 'Finding', 'Experiment', 'State', 'Runs', 'First seen (UTC)', 'Last seen (UTC)'],
      findings.map(finding => [
        finding.id,
        finding.severity,
        finding.title,
        finding.experiment,
        stateWords(finding),
        String(finding.runs),
        minuteOf(finding.firstSeen.at),
        `${minuteOf(finding.lastSeen.at)} in ${finding.lastSeen.run}`,
      ]),
    ),
    ...(findings.length === 0 ? ['None.', ''] : []),
  ].join('\n');
}
