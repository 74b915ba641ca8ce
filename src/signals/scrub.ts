import {redactionOf} from '../system/secrets.js';

const REFERENCE = /\$\{secret:[^}]+\}/g;

/**
 * How to take the secrets that these texts refer to out of what a target says about them (a command that prints its
 * arguments, a page that shows the token it was sent), however short they are.
 */
export function scrubber(texts: readonly string[], reveal: (text: string) => string): (text: string) => string {
  return redactionOf(texts.flatMap(text => text.match(REFERENCE) ?? []).map(reference => reveal(reference)));
}
