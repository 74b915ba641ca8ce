import * as z from 'zod';
import {compilePattern, type Pattern} from '../../quantities/pattern.js';
import {regularExpression} from '../../quantities/schema.js';
import type {RequestHead} from './head.js';

/** Which requests are meant; all that is given has to hold. */

/** A glob, or `{regexp}`: both must fit the whole text, a regular expression only where it says so itself. */
const pattern = () => z.union([z.string().max(1000), z.strictObject({regexp: regularExpression().max(1000)})]);

export const matchSchema = () =>
  z.strictObject({
    method: z.array(z.string().min(1).max(32)).min(1).optional(),
    path: pattern().optional(),
    header: z.record(z.string().min(1).max(200), pattern()).optional(),
  });

export type HttpMatch = z.infer<ReturnType<typeof matchSchema>>;
type WrittenPattern = z.infer<ReturnType<typeof pattern>>;

/** `*` stands for anything within one part, `**` for anything at all. */
function globbed(glob: string, part: string): Pattern {
  const source = glob
    .split(/(\*+)/)
    .map(piece =>
      piece.startsWith('*') ? (piece.length > 1 ? '.*' : part) : piece.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'),
    )
    .join('');
  return compilePattern(source, {dotAll: true, whole: true});
}

function compiled(given: WrittenPattern, part: string): Pattern {
  return typeof given === 'string' ? globbed(given, part) : compilePattern(given.regexp);
}

/** The path of a request target, without scheme, host and query. */
export function pathOf(target: string): string {
  const path = target.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/?#]*/i, '').replace(/[?#].*$/s, '');
  return path === '' ? '/' : path;
}

/** A test for requests. Throws nothing: the patterns were checked. */
export function matcher({method, path, header}: HttpMatch): (request: RequestHead) => boolean {
  const wanted = path === undefined ? undefined : compiled(path, '[^/]*');
  const headers = Object.entries(header ?? {}).map(
    ([name, value]) => [name.toLowerCase(), compiled(value, '.*')] as const,
  );
  return request =>
    (method === undefined || method.includes(request.method)) &&
    (wanted === undefined || wanted.test(pathOf(request.target))) &&
    headers.every(([name, value]) => request.fields.some(field => field.name === name && value.test(field.value)));
}
