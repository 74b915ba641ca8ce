import type {ChalkInstance} from 'chalk';
import {visibleLength, wrap} from './text.js';

/** Words of a document as they look in a terminal: links by their text, code and bold ones styled. */
function inline(text: string, style: ChalkInstance): string {
  return text
    .replaceAll(/\[([^\]]+)\]\([^)]*\)/g, '$1')
    .replaceAll('\\|', '|')
    .replaceAll(/\*\*([^*]+)\*\*/g, (_, words: string) => style.bold(words))
    .replaceAll(/`([^`]+)`/g, (quoted, words: string) => {
      const styled = style.cyan(words);
      // Without colours the quotes show where a name begins and ends.
      return styled === words ? quoted : styled;
    });
}

/** The cells of a row of a table, as they are written. */
export function cellsOf(row: string): readonly string[] {
  const inside = row.trim().replace(/^\|/, '').replace(/\|$/, '');
  return inside.split(/(?<!\\)\|/).map(cell => cell.trim());
}

/** A row as a term with its explanation below: wide tables do not fit into a terminal. */
function rowLines(row: string, names: readonly string[], style: ChalkInstance, width: number): readonly string[] {
  const [term = '', ...others] = cellsOf(row);
  const explanation = others.pop() ?? '';
  const details = others.flatMap((cell, nth) => {
    if (cell === '') return [];
    return [names[nth + 1] === 'default' && cell !== 'required' ? `default ${cell}` : cell];
  });
  const head = `  ${[inline(term, style), ...details.map(detail => style.dim(inline(detail, style)))].join('  ')}`;
  return [
    ...(visibleLength(head) <= width ? [head] : wrap(head.trimStart(), width, '  ')),
    ...wrap(inline(explanation, style), width, '      '),
  ];
}

/**
 * A part of our own documents (headings, paragraphs, lists, tables, code) as lines of a terminal of `width` columns.
 */
export function markdownLines(markdown: string, style: ChalkInstance, width: number): readonly string[] {
  const lines: string[] = [];
  let inCode = false;
  let names: readonly string[] | undefined;
  for (const line of markdown.trim().split('\n')) {
    if (line.startsWith('```')) inCode = !inCode;
    else if (inCode) lines.push(`  ${line}`);
    else if (line.startsWith('|')) {
      if (names === undefined) names = cellsOf(line);
      else if (!/^\|[\s|:-]+$/.test(line)) lines.push(...rowLines(line, names, style, width));
      continue;
    } else if (line.startsWith('#')) lines.push(style.bold.underline(inline(line.replace(/^#+ /, ''), style)));
    else if (line.startsWith('- ')) {
      const [first = '', ...rest] = wrap(inline(line.slice(2), style), width, '    ');
      lines.push(`  - ${first.trimStart()}`, ...rest);
    } else lines.push(...(line === '' ? [''] : wrap(inline(line, style), width)));
    names = undefined;
  }
  return lines;
}
