import type {Json} from '../../quantities/json.js';
import {splitPlaceholders} from '../../signals/load/placeholder.js';
import type {DocumentPart} from '../checking/entry.js';
import {isMapping} from '../reading/tree.js';
import {child} from './section.js';

/** Stands before what is to lose its quotes. Unicode gives this character no meaning. */
const BARE = '\ufdd0';

/**
 * A body in JSON as text. What the file has without quotes and is nothing but a placeholder stands for a value of its
 * own, so that it can be a number; everything else stays a text.
 */
export function jsonBody(part: DocumentPart): string {
  return JSON.stringify(marked(part)).replaceAll(new RegExp(`"${BARE}((?:[^"\\\\]|\\\\.)*)"`, 'g'), (_, text: string) =>
    String(JSON.parse(`"${text}"`)),
  );
}

function marked(part: DocumentPart): Json {
  const {value, path, report} = part;
  if (Array.isArray(value)) return value.map((_, at) => marked(child(part, at)));
  if (isMapping(value)) return Object.fromEntries(Object.keys(value).map(key => [key, marked(child(part, key))]));
  if (typeof value !== 'string' || !report.isPlain(path)) return value as Json;
  const [placeholder, ...more] = splitPlaceholders(value);
  return typeof placeholder === 'object' && more.length === 0 ? `${BARE}${value}` : value;
}
