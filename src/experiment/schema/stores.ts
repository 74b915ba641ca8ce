import * as z from 'zod';
import {placeholdersIn} from '../../signals/load/placeholder.js';
import {parseStatement} from '../../signals/load/stores/statement.js';
import {checkRedisUrls, redisPlace} from '../../signals/stores/redis/fields.js';
import {checkDatabaseUrl, sqlPlace} from '../../signals/stores/sql/fields.js';
import {storedWriteId} from './request.js';

const connections = () =>
  z
    .int()
    .min(1)
    .max(1000)
    .default(10)
    .describe('Most connections. They are opened when they are needed, and kept; a request that finds none that is free waits for one.');

/** A load's statement. */
export const sqlRequest = () =>
  z
    .strictObject({
      ...sqlPlace(),
      query: z
        .string()
        .regex(/\S/, 'expected a statement')
        .superRefine((query, context) => {
          const parts = parseStatement(query);
          if ('expected' in parts) context.addIssue({code: 'custom', message: parts.expected});
        })
        .describe('One statement, carried out for good each time. A placeholder becomes a parameter of it, and so does a text in single quotes that has one in it: `insert into orders values (${seq}, \'order-${seq}\')`.'),
      connections: connections(),
      id: storedWriteId(),
    })
    .superRefine((given, context) => checkDatabaseUrl(given, (key, message) => context.addIssue({code: 'custom', path: [key], message})));

/** What would leave a connection in another state than the next request expects, or has more than one reply. */
const NOT_FOR_POOLS = new Set(
  'AUTH HELLO SELECT RESET QUIT SUBSCRIBE PSUBSCRIBE SSUBSCRIBE UNSUBSCRIBE PUNSUBSCRIBE SUNSUBSCRIBE MONITOR SYNC PSYNC MULTI EXEC DISCARD WATCH UNWATCH CLIENT ASKING READONLY READWRITE'.split(' '),
);

const command = () =>
  z
    .array(z.union([z.string(), z.number()]).transform(String))
    .min(1)
    .max(1000)
    .superRefine(([verb = ''], context) => {
      const refuse = (message: string) => context.addIssue({code: 'custom', path: [0], message});
      if (placeholdersIn(verb).length > 0 || !/^[A-Za-z][\w.]*$/.test(verb)) refuse('expected the name of a command, the same for all users');
      else if (NOT_FOR_POOLS.has(verb.toUpperCase()))
        refuse('expected a command that leaves its connection as it is, because connections are shared');
    })
    .describe('The command and its arguments: `[SET, "key:${pick:1..500}", "${seq}"]`.');

/** A load's command. */
export const redisRequest = () =>
  z
    .strictObject({...redisPlace(), command: command(), connections: connections(), id: storedWriteId()})
    .superRefine((given, context) => checkRedisUrls(given, (at, message) => context.addIssue({code: 'custom', path: [at], message})))
    .transform(({url, urls, ...rest}) => ({...rest, urls: urls ?? [url ?? '']}));

export type WrittenSql = z.output<ReturnType<typeof sqlRequest>>;
export type WrittenRedis = z.output<ReturnType<typeof redisRequest>>;
