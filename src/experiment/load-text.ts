import type {Path} from './problem.js';

/** What of a request may hold placeholders: values that differ from user to user. */
const PARTS: Readonly<Record<string, readonly unknown[]>> = {
  http: [undefined, 'url', 'headers', 'json', 'body', 'id'],
  sql: ['query', 'id'],
  redis: ['command', 'id'],
};

/** Whether a text at this path is sent by users of a load. */
export function isSentByUsers(path: Path): boolean {
  const [section, , ...rest] = path;
  if (section !== 'load') return false;
  const [kind, part] = rest[0] === 'scenarios' && rest[2] === 'steps' ? rest.slice(4) : rest;
  return Object.hasOwn(PARTS, String(kind)) && PARTS[String(kind)]?.includes(part) === true;
}

/** Where placeholders can be used, for whoever has put one somewhere else. */
export const WHERE_SENT =
  'of a request of `load` only `url`, `headers`, `json`, `body` and `id`, of `sql` the `query`, of `redis` the `command` are made for each user';
