import {tooMany, type ListEntries} from '../../writes/listing.js';
import {MOST_IDS} from '../../writes/spec.js';
import {openSqlClient} from './client.js';
import type {ListParameters} from './parameters.js';

/** The first column of every row; NULL is left out. */
export const list: ListEntries = async (given, context, signal) => {
  // Normalised by the schema of the file.
  const client = await openSqlClient(given as unknown as ListParameters, context);
  try {
    return await client.ask(async connection => {
      const entries: string[] = [];
      const take = (first: string | null | undefined) => {
        if (typeof first !== 'string') return;
        entries.push(first);
        if (entries.length > MOST_IDS) connection.cut();
      };
      try {
        await connection.session.each(client.statement, take);
      } catch (error) {
        if (entries.length <= MOST_IDS) throw error;
      }
      return entries.length > MOST_IDS ? tooMany() : {entries};
    }, signal);
  } catch (error) {
    signal.throwIfAborted();
    return client.unanswered(error);
  } finally {
    await client.close();
  }
};
