/** What stands in a text of a load's request for a value that differs from user to user. */
export type Placeholder =
  /** The number of the user, counted from here. */
  | {readonly kind: 'seq'; readonly from: number}
  /** One of a list, drawn for each request. */
  | {readonly kind: 'pick'; readonly options: readonly string[]}
  /** A whole number of a range (both ends included), drawn for each request. */
  | {readonly kind: 'range'; readonly from: number; readonly to: number}
  /** What the row of the user has in this column of the load's CSV. */
  | {readonly kind: 'csv'; readonly column: string}
  /** What an earlier answer to the same user had. */
  | {readonly kind: 'carry'; readonly name: string};

/** The words that begin a placeholder. */
export const PLACEHOLDERS = ['seq', 'pick', 'csv', 'carry'];

/** How it should have been written. */
export interface WrongPlaceholder {
  readonly expected: string;
}

/** As many numbers as one draw can tell apart. */
const MOST_NUMBERS = 2 ** 32;

const isWhole = (text: string) => /^-?(?:0|[1-9]\d*)$/.test(text) && Number.isSafeInteger(Number(text));

/** Reads what stands between `${` and `}`; undefined when it begins like no placeholder. */
export function parsePlaceholder(body: string): Placeholder | WrongPlaceholder | undefined {
  const [kind = ''] = body.split(':', 1);
  if (!PLACEHOLDERS.includes(kind)) return undefined;
  const rest = body === kind ? undefined : body.slice(kind.length + 1);
  if (kind === 'seq') {
    if (rest === undefined) return {kind, from: 1};
    return isWhole(rest) && !rest.startsWith('-')
      ? {kind, from: Number(rest)}
      : {expected: '`${seq}`, or `${seq:1000}` to begin at 1000'};
  }
  if (kind === 'pick') return pickOf(rest ?? '');
  if (rest === undefined || rest === '')
    return {expected: kind === 'csv' ? '`${csv:COLUMN}`' : '`${carry:NAME}` with a name that an earlier step carries'};
  return kind === 'csv' ? {kind, column: rest} : {kind: 'carry', name: rest};
}

function pickOf(text: string): Placeholder | WrongPlaceholder {
  const options = text.split('|');
  if (options.length > 1) return {kind: 'pick', options};
  const [, from, to] = /^(-?\d+)\.\.(-?\d+)$/.exec(text) ?? [];
  const expected = '`${pick:a|b|c}`, or `${pick:1..500}` for a whole number';
  if (from === undefined || to === undefined || !isWhole(from) || !isWhole(to)) return {expected};
  const [least, most] = [Number(from), Number(to)];
  if (least > most) return {expected: `${expected}, the lower end first`};
  if (most - least >= MOST_NUMBERS) return {expected: `${expected}, of at most 2³² numbers`};
  return {kind: 'range', from: least, to: most};
}

const PLACEHOLDER = /\$\{((?:seq|pick|csv|carry)(?::[^{}]*)?)\}/g;

/**
 * A text cut into what is always the same and what is not. `read`: how the words of a placeholder are read in a text
 * that is written in a language of its own.
 */
export function splitPlaceholders(text: string, read = (body: string) => body): readonly (string | Placeholder)[] {
  const parts: (string | Placeholder)[] = [];
  let from = 0;
  for (const found of text.matchAll(PLACEHOLDER)) {
    const placeholder = parsePlaceholder(read(found[1] ?? ''));
    if (placeholder === undefined || 'expected' in placeholder) continue;
    if (found.index > from) parts.push(text.slice(from, found.index));
    parts.push(placeholder);
    from = found.index + found[0].length;
  }
  if (from < text.length) parts.push(text.slice(from));
  return parts;
}

/** The placeholders of a text. */
export function placeholdersIn(text: string): readonly Placeholder[] {
  return splitPlaceholders(text).flatMap(part => (typeof part === 'string' ? [] : part));
}

/** As it is written in a file. */
export function formatPlaceholder(placeholder: Placeholder): string {
  switch (placeholder.kind) {
    case 'seq':
      return placeholder.from === 1 ? '${seq}' : `\${seq:${placeholder.from}}`;
    case 'pick':
      return `\${pick:${placeholder.options.join('|')}}`;
    case 'range':
      return `\${pick:${placeholder.from}..${placeholder.to}}`;
    case 'csv':
      return `\${csv:${placeholder.column}}`;
    case 'carry':
      return `\${carry:${placeholder.name}}`;
  }
}
