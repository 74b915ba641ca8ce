/** Longer ones say no more. */
const MOST_LETTERS = 120;

/** A text of which nobody knows how long it is, cut to a length that fits into a table. */
export function cutText(text: string): string {
  const letters = Array.from(text);
  return letters.length <= MOST_LETTERS ? text : `${letters.slice(0, MOST_LETTERS - 1).join('')}…`;
}

/** `2026-03-01 09:00`, UTC. */
export function minuteOf(iso: string): string {
  return `${iso.slice(0, 10)} ${iso.slice(11, 16)}`;
}
