import type {Path} from './problem.js';

/** What of a request may hold placeholders: values that differ from user to user. */
const PARTS: readonly unknown[] = ['url', 'headers', 'json', 'body', 'id'];

/** Whether a text at this path is sent by users of a load. */
export function isSentByUsers(path: Path): boolean {
  const [section, , ...rest] = path;
  if (section !== 'load') return false;
  const [kind, part] = rest[0] === 'scenarios' && rest[2] === 'steps' ? rest.slice(4) : rest;
  return kind === 'http' && (part === undefined || PARTS.includes(part));
}

/** Where placeholders can be used, for whoever has put one somewhere else. */
export const WHERE_SENT =
  'only `url`, `headers`, `json`, `body` and `id` of a request of `load` are made for each user';
