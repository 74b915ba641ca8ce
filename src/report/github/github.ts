import {printableProse} from '../../quantities/printable.js';
import type {Result} from '../../verdict/result.js';
import {casesOf, type Case} from '../cases.js';
import type {Format} from '../format.js';

/** More than ten of a kind GitHub does not show. */
const MOST = 10;
const KINDS: Readonly<Record<Case['status'], string | undefined>> = {
  failed: 'error',
  error: 'warning',
  skipped: 'notice',
  passed: undefined,
};

/** The text of a workflow command: whatever would end it is written with `%`. */
const data = (text: string) =>
  printableProse(text).replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
/** A property of one, which ends at a colon or a comma, too. */
const property = (text: string) => data(text).replaceAll(':', '%3A').replaceAll(',', '%2C');

/**
 * Annotations for GitHub Actions (workflow commands), to be printed in a step: one for everything that did not hold,
 * beside the experiment's file; a notice alone where all of it did.
 */
export function renderGithub(result: Result): string {
  const place = result.reproduce.file === '' ? '' : `file=${property(result.reproduce.file)},`;
  const line = (kind: string, title: string, message: string) =>
    `::${kind} ${place}title=${property(title)}::${data(message)}`;
  const wrong = casesOf(result).flatMap(one => {
    const kind = KINDS[one.status];
    return kind === undefined ? [] : [line(kind, `${one.suite}: ${one.name}`, one.message)];
  });
  const lines = wrong.length === 0 ? [line('notice', result.title, result.headline)] : wrong.slice(0, MOST);
  return `${lines.join('\n')}\n`;
}

export const format: Format = {file: 'annotations.txt', order: 70, onRequest: true, render: renderGithub};
