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

/** A row of a table: its cells, or with a class of its own. */
type Row = readonly Cell[] | {readonly class: string; readonly cells: readonly Cell[]};

/** A table with a header row; the first cell of every row is its header. */
export function table(columns: readonly Column[], rows: readonly Row[], caption: string): string {
  const heads = columns.map(column => html(typeof column === 'string' ? column : column.number));
  const head = columns.map(column =>
    typeof column === 'string'
      ? `<th scope="col">${html(column)}</th>`
      : `<th scope="col" class="number">${html(column.number)}</th>`,
  );
  const body = rows.map(row => {
    const {cells, open} =
      'cells' in row ? {cells: row.cells, open: `<tr class="${row.class}">`} : {cells: row, open: '<tr>'};
    const tds = cells.map((cell, i) => {
      const named = cell.class === undefined ? '' : ` class="${cell.class}"`;
      // Where a table is too wide for the screen, each cell stands in a line of its own behind the head of its column.
      return i === 0
        ? `<th scope="row"${named}>${cell.html}</th>`
        : `<td${named} data-head="${heads[i] ?? ''}">${cell.html}</td>`;
    });
    return `${open}${tds.join('')}</tr>`;
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

/** A part of the report that few readers need: its heading unfolds it. */
export function folded(id: string, title: string, body: string): string {
  return `<section aria-labelledby="${id}"><details class="folded"><summary><h2 id="${id}">${html(title)}</h2></summary>${body}</details></section>`;
}
