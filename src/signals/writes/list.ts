import type {ListEntries} from './listing.js';
import type {ListKind} from './spec.js';

const LISTS: Readonly<Record<ListKind, () => Promise<ListEntries>>> = {
  command: async () => (await import('../probes/command/list.js')).list,
  redis: async () => (await import('../probes/redis/list.js')).list,
  sql: async () => (await import('../probes/sql/list.js')).list,
};

/** What lists the entries of that kind of store. */
export function loadList(kind: ListKind): Promise<ListEntries> {
  return LISTS[kind]();
}
