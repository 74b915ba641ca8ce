import {printableProse} from '../../quantities/printable.js';

/**
 * What a site makes links of by itself, or tells somebody of: addresses, `@name`, `#12`. Backslashes do not stop it: it
 * looks at the finished page. In a code span it does not look. What would end the span or a cell is no part of it.
 */
const LINKED =
  /((?:[a-z][a-z\d+.-]{0,20}:\/\/|www\.|mailto:|xmpp:)[^\s`|<>]*[^\s`|<>.,;:!?)'"\]]|[\w.+-]{0,64}@\w[\w.-]*|\w{0,40}#\d+)/i;

const ENTITIES: Readonly<Record<string, string>> = {'<': '&lt;', '>': '&gt;', '&': '&amp;'};

/**
 * Plain text as Markdown that shows it as it is: nothing in it becomes a link, a mention, a tag, a heading or a table
 * cell.
 */
export function md(text: string): string {
  return printableProse(text)
    .split(LINKED)
    .map((part, i) => (i % 2 === 1 ? `\`${part}\`` : escaped(part)))
    .join('');
}

function escaped(text: string): string {
  return text.replace(/[\\`*_[\]<>&|#~]/g, character => ENTITIES[character] ?? `\\${character}`);
}

/** A table; empty without rows. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): readonly string[] {
  if (rows.length === 0) return [];
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(row => line(row.map(md))), ''];
}

/** A bullet list; the given words where it would be empty. */
export function bullets(items: readonly string[], otherwise: string): readonly string[] {
  return items.length === 0 ? [otherwise, ''] : [...items.map(item => `- ${md(item)}`), ''];
}

/** A code span that holds any text. */
export function code(text: string): string {
  const flat = printableProse(text);
  const longest = Math.max(0, ...[...flat.matchAll(/`+/g)].map(([ticks]) => ticks.length));
  const fence = '`'.repeat(longest + 1);
  return flat.includes('`') ? `${fence} ${flat} ${fence}` : `${fence}${flat}${fence}`;
}
