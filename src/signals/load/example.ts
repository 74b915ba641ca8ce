import {seededRandom} from '../../quantities/random.js';
import {withoutPasswords} from '../../system/secrets.js';
import {ESCAPES} from './escaping.js';
import {requestTexts, tableOf} from './own-table.js';
import {formatPlaceholder, placeholdersIn, splitPlaceholders, type Placeholder} from './placeholder.js';
import {textsOf} from './request-text.js';
import {requestsOf, type LoadRequest, type LoadSpec} from './spec.js';
import {filled, Users, type LoadUser, type ValueSource} from './user.js';

/** A request of a load as its first user might send it. */
export interface RequestExample {
  readonly load: string;
  readonly request: string;
}

/**
 * Of every load whose requests differ from user to user, the first such request. Secrets stay references, and what a
 * body takes from a CSV its placeholder: it may be a password.
 * @throws FiredrillError PLAN_CHANGED when a CSV is no longer what it was when the experiment was read.
 */
export async function exampleRequests(loads: readonly LoadSpec[]): Promise<readonly RequestExample[]> {
  const found = await Promise.all(loads.map(load => exampleOf(load)));
  return found.flatMap(example => example ?? []);
}

async function exampleOf(load: LoadSpec): Promise<RequestExample | undefined> {
  const request = requestsOf(load).find(differs);
  if (request === undefined) return undefined;
  const table = load.csv === undefined ? {columns: [], rows: []} : await tableOf(load.csv, requestTexts(load));
  const user = new Users(table.rows, undefined).next(undefined);
  const values = {draw: seededRandom(load.seed ?? 1), columns: table.columns};
  const body = (text: string) =>
    asSent(text, {user, values, shows: ({kind}) => kind !== 'csv', escape: value => value});
  if ('sql' in request) return {load: load.name, request: body(request.sql.query.replaceAll(/\s+/g, ' ').trim())};
  if ('redis' in request) return {load: load.name, request: request.redis.command.map(body).join(' ')};
  const {http} = request;
  const url = asSent(withoutPasswords(http.url), {user, values, shows: () => true, escape: ESCAPES.url});
  const sent = body(http.body ?? '');
  return {load: load.name, request: [http.method, url, ...(sent === '' ? [] : [sent])].join(' ')};
}

function differs(request: LoadRequest): boolean {
  return textsOf(request).some(({text}) => placeholdersIn(text).length > 0);
}

interface Shown {
  readonly user: LoadUser;
  readonly values: ValueSource;
  readonly shows: (placeholder: Placeholder) => boolean;
  readonly escape: (value: string) => string;
}

function asSent(text: string, {user, values, shows, escape}: Shown): string {
  const value = (placeholder: Placeholder) => filled([{placeholder, place: 'text'}], values)(user);
  return splitPlaceholders(text)
    .map(part => {
      if (typeof part === 'string') return part;
      return part.kind === 'carry' || !shows(part) ? formatPlaceholder(part) : escape(value(part));
    })
    .join('');
}
