import {noValue, type NoValue} from '../../missing.js';
import {tooMany, type ListEntries, type Listing} from '../../writes/listing.js';
import {MOST_IDS} from '../../writes/spec.js';
import {textOf, type RedisSession, type Reply} from '../../stores/redis/session.js';
import {openRedisClient} from './client.js';
import type {ListParameters} from './parameters.js';

/** So many at a time: the server does nothing else meanwhile. */
const PAGE = '1000';

/** The elements of a key, or the keys of a form. */
export const list: ListEntries = async (given, context, signal) => {
  // Normalised by the schema of the file.
  const wanted = given as unknown as ListParameters;
  const asked = wanted.entries ?? wanted.keys ?? '';
  const client = await openRedisClient({...wanted, asked: [asked]}, context);
  const named = context.reveal(asked);
  try {
    const question = (session: RedisSession) =>
      wanted.entries === undefined ? keysLike(session, named) : entriesOf(session, named, wanted.field);
    return await client.ask(question, signal);
  } catch (error) {
    signal.throwIfAborted();
    return client.unanswered(error);
  } finally {
    client.leave();
  }
};

const SCANS: Readonly<Record<string, {readonly command: string; readonly step: number}>> = {
  set: {command: 'SSCAN', step: 1},
  // Members with their scores, fields with their values.
  zset: {command: 'ZSCAN', step: 2},
  hash: {command: 'HSCAN', step: 2},
};

async function entriesOf(session: RedisSession, key: string, field: string | undefined): Promise<Listing> {
  const type = textOf(await session.ask('TYPE', key));
  if (type === 'none') return {entries: []};
  if (type === 'stream') return streamOf(session, key, field);
  if (field !== undefined) return wrongKind(`a ${type}`, '`field` is only of a stream');
  if (type === 'list') return elementsOf(session, key);
  const scan = SCANS[type];
  if (scan === undefined) return wrongKind(`a ${type}`, 'it has no elements to list');
  return scanned(session, cursor => [scan.command, key, cursor, 'COUNT', PAGE], scan.step);
}

function wrongKind(kind: string, why: string): NoValue {
  return noValue('question', `the key holds ${kind}: ${why}`);
}

/** In one answer: page by page an element could be seen twice, or not at all, while others come or go. */
async function elementsOf(session: RedisSession, key: string): Promise<Listing> {
  if (Number(await session.ask('LLEN', key)) > MOST_IDS) return tooMany();
  return {entries: partsOf(await session.ask('LRANGE', key, '0', '-1')).map(textOf)};
}

/** What a cursor goes through may be shown twice: keys, members and fields are there once. */
async function scanned(
  session: RedisSession,
  command: (cursor: string) => readonly string[],
  step = 1,
): Promise<Listing> {
  const seen = new Set<string>();
  let cursor = '0';
  do {
    const [next, page] = partsOf(await session.ask(...command(cursor)));
    cursor = textOf(next ?? '0');
    for (const [i, entry] of partsOf(page ?? []).entries()) if (i % step === 0) seen.add(textOf(entry));
    if (seen.size > MOST_IDS) return tooMany();
  } while (cursor !== '0');
  return {entries: [...seen]};
}

/** By the ids of the entries, or by the value of one of their fields; entries without it are left out. */
async function streamOf(session: RedisSession, key: string, field: string | undefined): Promise<Listing> {
  const entries: string[] = [];
  let from = '-';
  for (;;) {
    const page = partsOf(await session.ask('XRANGE', key, from, '+', 'COUNT', PAGE));
    for (const entry of page) {
      const [id = '', fields = []] = partsOf(entry);
      const named = partsOf(fields);
      const at = field === undefined ? -1 : named.findIndex((name, i) => i % 2 === 0 && name === field);
      const found = field === undefined ? id : named[at + 1];
      if (found !== undefined && (field === undefined || at !== -1)) entries.push(textOf(found));
      from = `(${textOf(id)}`;
    }
    if (entries.length > MOST_IDS) return tooMany();
    if (page.length === 0) return {entries};
  }
}

/** Of `order:*` what stands in the place of the star. */
async function keysLike(session: RedisSession, form: string): Promise<Listing> {
  const [before = '', after = ''] = form.split('*');
  const listing = await scanned(session, cursor => ['SCAN', cursor, 'MATCH', form, 'COUNT', PAGE]);
  if (!('entries' in listing)) return listing;
  return {entries: listing.entries.map(key => key.slice(before.length, key.length - after.length))};
}

const partsOf = (reply: Reply): readonly Reply[] => (Array.isArray(reply) ? (reply as readonly Reply[]) : []);
