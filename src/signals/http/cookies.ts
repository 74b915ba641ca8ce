import {isIP} from 'node:net';

/** As many as RFC 6265 asks of a client for one domain; the oldest goes. */
const MOST_COOKIES = 50;
/** Longest field `set-cookie` that is taken, and longest field `cookie` that is sent, bytes. */
const LONGEST_COOKIE = 4096;
const LONGEST_FIELD = 8192;

interface Cookie {
  readonly name: string;
  readonly value: string;
  readonly domain: string;
  /** Only for this very host, not for those below it. */
  readonly hostOnly: boolean;
  readonly path: string;
  readonly secure: boolean;
  /** ms of the epoch. */
  readonly until: number;
}

/** The cookies of one user (RFC 6265): in memory, and in bounds. */
export class CookieJar {
  /** By domain, path and name; the oldest first. */
  private readonly cookies = new Map<string, Cookie>();

  constructor(private readonly now: () => number = Date.now) {}

  /** Takes the cookies of an answer from this URL. */
  take(url: URL, fields: readonly string[]): void {
    for (const field of fields) {
      const cookie = this.parse(url, field);
      if (cookie === undefined) continue;
      const key = JSON.stringify([cookie.domain, cookie.path, cookie.name]);
      // Its place in the order is that of its first coming (section 5.3, step 11).
      if (cookie.until <= this.now()) this.cookies.delete(key);
      else this.cookies.set(key, cookie);
      const [oldest] = this.cookies.keys();
      if (this.cookies.size > MOST_COOKIES && oldest !== undefined) this.cookies.delete(oldest);
    }
  }

  /** The field `cookie` for a request to this URL; undefined when none belongs to it. */
  fieldFor(url: URL): string | undefined {
    const fitting = [...this.cookies.values()]
      .filter(cookie => this.belongs(cookie, url))
      .sort((a, b) => b.path.length - a.path.length);
    let field = '';
    for (const {name, value} of fitting) {
      const longer = `${field}${field === '' ? '' : '; '}${name}=${value}`;
      if (longer.length <= LONGEST_FIELD) field = longer;
    }
    return field === '' ? undefined : field;
  }

  private belongs({domain, hostOnly, path, secure, until}: Cookie, {hostname, pathname, protocol}: URL): boolean {
    const host = hostOnly ? hostname === domain : isBelow(hostname, domain);
    return host && covers(path, pathname) && (!secure || protocol === 'https:') && until > this.now();
  }

  /** Section 5.2 and 5.3; undefined when it is to be ignored. */
  private parse({hostname, pathname}: URL, field: string): Cookie | undefined {
    if (field.length > LONGEST_COOKIE) return undefined;
    const [pair = '', ...rest] = field.split(';');
    const at = pair.indexOf('=');
    const name = pair.slice(0, at).trim();
    // Control characters would end the field of the request.
    if (at < 1 || name === '' || /[^\t\x20-\x7e\x80-\xff]/.test(pair)) return undefined;
    const attributes = new Map(rest.map(attribute));
    const domain = domainOf(attributes, hostname);
    if (domain === undefined) return undefined;
    const path = attributes.get('path') ?? '';
    return {
      name,
      value: pair.slice(at + 1).trim(),
      ...domain,
      path: path.startsWith('/') ? path : defaultPath(pathname),
      secure: attributes.has('secure'),
      until: this.untilOf(attributes),
    };
  }

  private untilOf(attributes: ReadonlyMap<string, string>): number {
    const age = attributes.get('max-age');
    if (age !== undefined && /^-?\d+$/.test(age)) return Number(age) <= 0 ? -Infinity : this.now() + Number(age) * 1000;
    const expires = Date.parse(attributes.get('expires') ?? '');
    return Number.isNaN(expires) ? Infinity : expires;
  }
}

function attribute(text: string): [name: string, value: string] {
  const at = text.indexOf('=');
  const [name, value] = at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
  return [name.trim().toLowerCase(), value.trim()];
}

/** Undefined when the host may not speak for the domain that it names. */
function domainOf(
  attributes: ReadonlyMap<string, string>,
  host: string,
): Pick<Cookie, 'domain' | 'hostOnly'> | undefined {
  const domain = attributes.get('domain')?.replace(/^\./, '').toLowerCase() ?? '';
  if (domain === '') return {domain: host, hostOnly: true};
  // One without a dot would be a whole top-level domain.
  if (domain !== host && !(domain.includes('.') && isBelow(host, domain))) return undefined;
  return {domain, hostOnly: isIP(host) !== 0};
}

/** Section 5.1.3. */
function isBelow(host: string, domain: string): boolean {
  return host === domain || (host.endsWith(`.${domain}`) && isIP(host) === 0);
}

/** Section 5.1.4. */
function covers(cookie: string, path: string): boolean {
  if (!path.startsWith(cookie)) return false;
  return path.length === cookie.length || cookie.endsWith('/') || path[cookie.length] === '/';
}

function defaultPath(path: string): string {
  const end = path.lastIndexOf('/');
  return end <= 0 ? '/' : path.slice(0, end);
}
