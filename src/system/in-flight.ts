/**
 * Maps in order with at most `limit` calls under way. The first rejection rejects it once those under way have ended.
 */
export async function mapInFlight<T, R>(
  items: readonly T[],
  limit: number,
  call: (item: T, index: number) => Promise<R>,
): Promise<R[]> {
  const results: R[] = [];
  const waiting = items.entries();
  const worker = async () => {
    // One iterator for all workers: each takes the next item that nobody has taken.
    for (const [index, item] of waiting) results[index] = await call(item, index);
  };
  const workers = await Promise.allSettled(Array.from({length: Math.min(limit, items.length)}, worker));
  const failed = workers.find(one => one.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
  return results;
}

/** Groups that keep the order of their members and of their first occurrence. */
export function groupsBy<T>(
  items: readonly T[],
  keyOf: (item: T) => string,
): readonly (readonly [string, readonly T[]])[] {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  return [...groups];
}
