import {parseQuantity} from './parse.js';
import type {Unit} from './unit.js';

/** Other words for the units of a file, in small letters. */
const OTHER_WORDS: Readonly<Record<Unit, readonly (readonly [RegExp, string])[]>> = {
  ms: [
    [/^s(ec(ond)?s?)?$/, 's'],
    [/^m(in(ute)?s?)?$/, 'm'],
    [/^h((ou)?rs?)?$/, 'h'],
    [/^d(ays?)?$/, 'd'],
    [/^m(illi)?s(ec(ond)?s?)?$|^millis$/, 'ms'],
    [/^(?:u|\u03bc)s(ec)?s?$/, 'us'],
  ],
  ratio: [[/^(?:%|per ?cents?|pct)$/, '%']],
  'per-second': [
    [/^(?:(?:req(uest)?s?)? ?(?:\/|per) ?s(ec(ond)?)?|[rtq]ps|hz)$/, '/s'],
    [/^(?:(?:req(uest)?s?)? ?(?:\/|per) ?m(in(ute)?)?|[rq]pm)$/, '/m'],
    [/^(?:req(uest)?s?)? ?(?:\/|per) ?h(our)?$/, '/h'],
  ],
  bytes: [
    [/^b(ytes?)?$/, 'B'],
    [/^k(ilo)?b?(ytes?)?$/, 'kB'],
    [/^m(ega)?b?(ytes?)?$/, 'MB'],
    [/^g(iga)?b?(ytes?)?$/, 'GB'],
    [/^kib?$/, 'KiB'],
    [/^mib?$/, 'MiB'],
    [/^gib?$/, 'GiB'],
  ],
  count: [],
  number: [],
};

/** What a number without its unit may have meant. */
const WITH_UNIT: Readonly<Record<Unit, (amount: string) => string | undefined>> = {
  ms: amount => `give its unit: \`${amount}s\` or \`${amount}ms\``,
  ratio: amount => {
    const share = Number(amount);
    const percent = `\`${Number((share * 100).toPrecision(12))}%\``;
    return share > 1 ? `did you mean \`${amount}%\`?` : `give its unit: ${percent} or \`${amount}%\``;
  },
  'per-second': amount => `did you mean \`${amount}/s\`?`,
  bytes: amount => `give its unit: \`${amount}MiB\` or \`${amount}B\``,
  count: () => undefined,
  number: () => undefined,
};

/**
 * What to write instead of a quantity that could not be read (`20 sec`, `0.5`, `1,5s`); undefined when nobody knows.
 */
export function meantQuantity(written: unknown, unit: Unit): string | undefined {
  if (typeof written !== 'string' && typeof written !== 'number') return undefined;
  const text = String(written).normalize('NFKC').trim().toLowerCase();
  const [, whole, word = ''] = /^(\d{1,12}(?:[.,]\d{1,9})?) *([^\d\s.,]\D{0,20})?$/.exec(text) ?? [];
  if (whole === undefined) return undefined;
  const amount = whole.replace(',', '.');
  if (word !== '') return inOurWord(amount, word, unit);
  const isPlain = unit === 'count' || unit === 'number';
  return isPlain && typeof written === 'string' ? 'remove the quotes' : WITH_UNIT[unit](amount);
}

function inOurWord(amount: string, word: string, unit: Unit): string | undefined {
  const [, ours] = OTHER_WORDS[unit].find(([words]) => words.test(word)) ?? [];
  const meant = `${amount}${ours ?? ''}`;
  return ours === undefined || parseQuantity(meant, unit) === undefined ? undefined : `did you mean \`${meant}\`?`;
}
