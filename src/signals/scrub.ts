const REFERENCE = /\$\{secret:[^}]+\}/g;

/**
 * How to take the secrets that these texts refer to out of what a target says about them (a command that prints its
 * arguments, a page that shows the token it was sent).
 */
export function scrubber(texts: readonly string[], reveal: (text: string) => string): (text: string) => string {
  const values = texts.flatMap(text => text.match(REFERENCE) ?? []).map(reference => reveal(reference));
  const longestFirst = values.filter(value => value !== '').sort((a, b) => b.length - a.length);
  return text => longestFirst.reduce((clean, value) => clean.replaceAll(value, '***'), text);
}
