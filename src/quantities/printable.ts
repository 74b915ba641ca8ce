/**
 * What a terminal or a page obeys or hides instead of showing: control characters, format characters (bidi controls,
 * zero-width ones), line separators, halves of surrogate pairs, and whatever Unicode lets a font leave out. The
 * selector that makes an emoji coloured stays behind one.
 */
const UNSEEN_ONE = String.raw`(?!(?<=\p{Extended_Pictographic})\ufe0f)[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]`;
const UNSEEN = new RegExp(UNSEEN_ONE, 'gu');
/**
 * In JSON of several lines; the line breaks between them are the only ones in it. `##[…]` is what a CI server would
 * obey.
 */
const UNSEEN_IN_JSON = new RegExp(`(?!\n)${UNSEEN_ONE}|#(?=#\\w*\\[)`, 'gu');

/**
 * Text from outside (a file, an engine, a target, a person) as one line that shows every character: a tab is a space,
 * ESC is `␛`, a line break `␊`, anything else that would not be seen `�`. It keeps its number of characters.
 */
export function printable(text: string): string {
  return text.replaceAll(UNSEEN, picture);
}

function picture(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  if (character === '\t') return ' ';
  if (code < 0x20) return String.fromCodePoint(0x2400 + code);
  return code === 0x7f ? '␡' : '�';
}

/** The same for text whose line breaks are of no matter, as in a report: they are spaces. */
export function printableProse(text: string): string {
  return printable(text.replaceAll(/[\r\n\u2028\u2029]+/g, ' '));
}

/**
 * A value as JSON for people and programs: what would not be seen, and what a CI server would obey (`##[…]`), is
 * written as `\uXXXX`, which reads back as it was.
 */
export function printableJson(value: unknown): string {
  const escaped = (found: string) =>
    Array.from({length: found.length}, (_, i) => `\\u${found.charCodeAt(i).toString(16).padStart(4, '0')}`).join('');
  return JSON.stringify(value, null, 2).replaceAll(UNSEEN_IN_JSON, escaped);
}
