import type {ComparedRun} from './comparison.js';

/** What is new and gone in a run, one line each. */
export function findingWords({newFindings, goneFindings, untoldFindings}: ComparedRun): readonly string[] {
  const lines = (word: string, findings: ComparedRun['newFindings']) =>
    findings.map(({severity, title}) => `${word}: ${severity} ${title}`);
  return [
    ...lines('New', newFindings),
    ...lines('Gone', goneFindings),
    ...lines('Not seen, but this run could not have shown it', untoldFindings),
  ];
}
