import {html} from './escape.js';

/** A column of a table: its head, and whether it holds numbers. */
type Column = string | {readonly number: string};

/** A cell whose content is escaped already. */
export interface Cell {
  readonly html: string;
  readonly class?: string;
}

export const plain = (text: string | number): Cell => ({html: html(text)});
export const number = (text: string): Cell => ({html: html(text), class: 'number'});

/** A verdict in its colour; `words` where more is to be said than its name. */
export function verdictCell(words: string, verdict: string | null = words): Cell {
  const known = verdict !== null && ['held', 'deviated', 'inconclusive'].includes(verdict);
  return {html: `<span class="verdict ${known ? verdict : 'none'}">${html(words)}</span>`};
}

/** A table with a header row; the first cell of every row is its header. */
export function table(columns: readonly Column[], rows: readonly (readonly Cell[])[], caption: string): string {
  const head = columns.map(column =>
    typeof column === 'string'
      ? `<th scope="col">${html(column)}</th>`
      : `<th scope="col" class="number">${html(column.number)}</th>`,
  );
  const body = rows.map(cells => {
    const tds = cells.map((cell, i) => {
      const named = cell.class === undefined ? '' : ` class="${cell.class}"`;
      return i === 0 ? `<th scope="row"${named}>${cell.html}</th>` : `<td${named}>${cell.html}</td>`;
    });
    return `<tr>${tds.join('')}</tr>`;
  });
  return `<div class="scroll" role="region" tabindex="0" aria-label="${html(caption)}"><table><thead><tr>${head.join('')}</tr></thead><tbody>${body.join('')}</tbody></table></div>`;
}

/** A list, or a sentence where there is nothing to list. */
export function list(items: readonly string[], otherwise: string): string {
  if (items.length === 0) return `<p>${html(otherwise)}</p>`;
  return `<ul>${items.map(item => `<li>${html(item)}</li>`).join('')}</ul>`;
}

/** A part of the report under its heading. */
export function section(id: string, title: string, body: string): string {
  return `<section aria-labelledby="${id}"><h2 id="${id}">${html(title)}</h2>${body}</section>`;
}
