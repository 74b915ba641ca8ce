/** Edit distance with transpositions (optimal string alignment), cut off at `limit + 1`. */
export function editDistance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) > limit) return limit + 1;
  let beforePrevious: number[] = [];
  let previous = Array.from({length: b.length + 1}, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1;
      let cost = Math.min(at(previous, j) + 1, at(row, j - 1) + 1, at(previous, j - 1) + same);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        cost = Math.min(cost, at(beforePrevious, j - 2) + 1);
      }
      row.push(cost);
    }
    beforePrevious = previous;
    previous = row;
  }
  return Math.min(limit + 1, at(previous, b.length));
}

function at(row: readonly number[], index: number): number {
  return row[index] ?? Infinity;
}

/** The known word that was probably meant, or undefined when none is close. */
export function closest(word: string, known: Iterable<string>): string | undefined {
  const limit = Math.min(3, Math.max(1, Math.floor(word.length / 3)));
  const squeezed = squeeze(word);
  let best: string | undefined;
  let bestDistance = limit + 1;
  for (const candidate of known) {
    if (candidate.length > 100 || isOtherNumber(word, candidate)) continue;
    const distance = squeeze(candidate) === squeezed ? 0 : editDistance(word.slice(0, 100), candidate, limit);
    if (distance < bestDistance) [best, bestDistance] = [candidate, distance];
  }
  return best;
}

/** `latency.p101` is no slip of `latency.p50`. */
function isOtherNumber(word: string, candidate: string): boolean {
  return word !== candidate && /\d/.test(candidate) && word.replaceAll(/\d+/g, '') === candidate.replaceAll(/\d+/g, '');
}

/** `steady_state`, `steady-state` and `steadyState` are the same slip. */
function squeeze(word: string): string {
  return word.toLowerCase().replace(/[\s_-]/g, '');
}

/** ``did you mean `pause`?``, or the list of what there is when nothing is close. */
export function suggestion(word: string, known: readonly string[]): string | undefined {
  const best = closest(word, known);
  if (best !== undefined) return `did you mean \`${best}\`?`;
  if (known.length === 0) return undefined;
  return known.length > 30 ? undefined : `known here: ${listOf(known)}`;
}

/** `` `a`, `b`, `c` `` */
export function listOf(words: readonly string[]): string {
  return words.map(word => `\`${word}\``).join(', ');
}
