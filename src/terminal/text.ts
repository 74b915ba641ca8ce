import {tokensOf, unstyled} from './style.js';

/** Length as seen on a terminal: styles take no room. */
export function visibleLength(text: string): number {
  return Array.from(unstyled(text)).length;
}

/** Cuts plain text to `width` columns, with an ellipsis where something is missing. */
export function cut(text: string, width: number): string {
  const letters = Array.from(text);
  if (letters.length <= width) return text;
  return width < 1 ? '' : `${letters.slice(0, width - 1).join('')}…`;
}

/** Cuts a coloured line to `width` columns; colours are closed at the cut. */
export function cutColoured(line: string, width: number): string {
  if (visibleLength(line) <= width) return line;
  let left = width - 1;
  const kept: string[] = [];
  for (const {text, isCode} of tokensOf(line)) {
    if (isCode) kept.push(text);
    else if (left > 0) {
      kept.push(text);
      left--;
    }
  }
  return `${kept.join('')}…`;
}

/** Pads to `width` columns as seen. */
export function pad(text: string, width: number, side: 'left' | 'right' = 'right'): string {
  const room = ' '.repeat(Math.max(0, width - visibleLength(text)));
  return side === 'right' ? text + room : room + text;
}

/** Rows of cells as aligned columns, two spaces apart; the last column is not padded. */
export function table(rows: readonly (readonly string[])[], indent = ''): string[] {
  const widths: number[] = [];
  for (const row of rows) {
    row.forEach((cell, i) => (widths[i] = Math.max(widths[i] ?? 0, visibleLength(cell))));
  }
  return rows.map(
    row =>
      indent +
      row
        .map((cell, i) => (i === row.length - 1 ? cell : pad(cell, widths[i] ?? 0)))
        .join('  ')
        .trimEnd(),
  );
}

/** Breaks a text into lines of at most `width` columns at spaces; a longer word stays whole. */
export function wrap(text: string, width: number, indent = ''): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/\s+/)) {
    if (line !== '' && visibleLength(indent + line) + 1 + visibleLength(word) > width) {
      lines.push(indent + line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  if (line !== '') lines.push(indent + line);
  return lines;
}

const BLOCKS = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'] as const;

/**
 * One block a value, the newest `width` of them, scaled from 0 (or the smallest negative value) to the largest value or
 * `ceiling`, whichever is more. A missing value is a gap (`·`).
 */
export function sparkline(values: readonly (number | null)[], width: number, ceiling = 0): string[] {
  const shown = values.slice(-width);
  const numbers = shown.filter(value => value !== null);
  const top = Math.max(ceiling, ...numbers);
  const bottom = Math.min(0, ...numbers);
  const span = top - bottom;
  return shown.map(value => {
    if (value === null) return '·';
    if (span <= 0) return BLOCKS[0];
    const step = Math.round(((value - bottom) / span) * (BLOCKS.length - 1));
    return BLOCKS[Math.min(BLOCKS.length - 1, Math.max(0, step))] ?? BLOCKS[0];
  });
}

/** `[######----]`-like bar of `width` columns for a share of 0 to 1. */
export function bar(share: number, width: number): string {
  const filled = Math.round(Math.min(1, Math.max(0, share)) * width);
  return '█'.repeat(filled) + '░'.repeat(Math.max(0, width - filled));
}

/** `00:07`, `12:34`, `1:02:03` from ms. */
export function clockText(ms: number): string {
  const total = Math.max(0, Math.floor(ms / 1000));
  const [h, m, s] = [Math.floor(total / 3600), Math.floor((total % 3600) / 60), total % 60];
  const two = (value: number) => String(value).padStart(2, '0');
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${two(m)}:${two(s)}`;
}

export function plural(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}
