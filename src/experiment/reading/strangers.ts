/** Letters of other alphabets that look like those of ours: Cyrillic, then Greek. */
const ALIKE: readonly (readonly [string, string])[] = [
  ['\u0430\u0441\u0435\u043e\u0440\u0445\u0443\u0456\u0458\u0455\u0501\u04bb', 'aceopxyijsdh'],
  ['\u0410\u0412\u0421\u0415\u041d\u0406\u0408\u041a\u041c\u041e\u0420\u0405\u0422\u0425', 'ABCEHIJKMOPSTX'],
  [
    '\u03b1\u03bf\u03c1\u03bd\u03b9\u0391\u0392\u0395\u0397\u0399\u039a\u039c\u039d\u039f\u03a1\u03a4\u03a7',
    'aopviABEHIKMNOPTX',
  ],
];
const LETTERS = new Map(
  ALIKE.flatMap(([theirs, ours]) => Array.from(theirs, (letter, i) => [letter, ours[i] ?? ''] as const)),
);

const UNSEEN = /^[\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}]$/u;

/**
 * Such words only look like another where a letter of ours stands beside: a name in another alphabet is as good as any.
 */
const WORD = /[\p{L}\p{N}]+/gu;

/** What a character looks like and is not; undefined when it is what it looks like. */
function looksLike(character: string): string | undefined {
  if (character === '\t' || (character >= ' ' && character <= '~')) return undefined;
  if (UNSEEN.test(character)) return '';
  if (/^[\p{Pd}\u2212]$/u.test(character)) return '-';
  if (/^[\u201c-\u201f\u00ab\u00bb]$/.test(character)) return '"';
  if (/^[\u2018-\u201b]$/.test(character)) return "'";
  const plain = character.normalize('NFKC');
  return /^[ -~]$/.test(plain) ? plain : undefined;
}

/**
 * Names the characters of a text that look like others or cannot be seen, with their code points; undefined when there
 * is none: for who looks at two names that seem to be the same.
 */
export function strangersIn(text: string): string | undefined {
  const found = new Map<string, string>();
  for (const character of text) {
    const like = looksLike(character);
    if (like !== undefined) found.set(character, like);
  }
  for (const [word] of text.matchAll(WORD)) {
    const letters = Array.from(word);
    const theirs = letters.filter(letter => LETTERS.has(letter));
    const isOurs = theirs.length < letters.length && letters.every(letter => LETTERS.has(letter) || /\w/.test(letter));
    if (isOurs) for (const letter of theirs) found.set(letter, LETTERS.get(letter) ?? '');
  }
  if (found.size === 0) return undefined;
  return [...found].slice(0, 3).map(named).join('; ');
}

function named([character, like]: readonly [string, string]): string {
  const code = `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;
  if (like === '') return `there is a character that cannot be seen (${code}): remove it`;
  if (like === ' ') return `there is a character that looks like a space (${code}): write a space`;
  return `\`${character}\` (${code}) only looks like \`${like}\`: write that`;
}
