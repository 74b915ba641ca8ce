/**
 * What YAML reads as structure inside of brackets, and characters of no meaning (Unicode's non-characters) that stand
 * in for it.
 */
const STRUCTURE = '{}[],';
const STAND_INS = '\ufdd0\ufdd1\ufdd2\ufdd3\ufdd4';

/**
 * The text with the brackets of each `${…}` hidden from the YAML parser, so that `{port: ${var:port}}` needs no quotes.
 * What has quotes in it is left as it is: they may be those of the text around it. Every offset stays as it is;
 * `unmasked` gives a value back as it was written.
 */
export function masked(text: string): string {
  if (/[\ufdd0-\ufdd4]/.test(text)) return text;
  return text.replaceAll(/\$\{[^{}"'\n]*\}/g, reference => swapped(reference, STRUCTURE, STAND_INS));
}

export function unmasked(text: string): string {
  return text.replaceAll(/\$\ufdd0[^\ufdd0\ufdd1\n]*\ufdd1/g, reference => swapped(reference, STAND_INS, STRUCTURE));
}

function swapped(text: string, from: string, to: string): string {
  return Array.from(text, character => to[from.indexOf(character)] ?? character).join('');
}
