import {readFileSync, statSync} from 'node:fs';
import {FiredrillError} from './error.js';

/**
 * Resolves `${secret:…}` references at the moment of use and remembers the values, so that they can be taken out of any
 * text.
 */
export interface Secrets {
  /** @throws FiredrillError SECRET_MISSING when a reference has no value. */
  readonly reveal: (text: string) => string;
  /**
   * Replaces every secret value that was ever revealed, in each of its forms, and every password in a URL, by `***`.
   */
  readonly redact: (text: string) => string;
  /** Overwrites the same values in place, byte by byte, by stars. Answers whether there were any. */
  readonly mask: (bytes: Buffer) => boolean;
}

const REFERENCE = /\$\{secret:(env|file):([^}]+)\}/g;
const ONLY_A_REFERENCE = /^\$\{secret:[^}]+\}$/;
/** Shorter values would turn harmless words into stars. */
export const SHORTEST_REDACTED = 4;
/** Of a value of several lines (a key), lines from this length on are secrets of their own. */
const SHORTEST_LINE = 8;

/**
 * The environment variables and files whose secrets are too short to be taken out of anything, in the order of their
 * use.
 */
export function tooShortSecrets(text: string, environment: Readonly<Record<string, string | undefined>>): string[] {
  const names = [...text.matchAll(REFERENCE)].filter(([, kind = '', name = '']) => {
    const {length} = (kind === 'env' ? environment[name] : shortText(name)) ?? '';
    return length > 0 && length < SHORTEST_REDACTED;
  });
  return [...new Set(names.map(([, , name = '']) => name))];
}

/**
 * Of longer files, and of those that must not be read to see what is in them (a pipe, one of the kernel), nothing is
 * asked.
 */
const MOST_OF_SHORT = 64;

function shortText(path: string): string | undefined {
  try {
    const stats = statSync(path);
    if (!stats.isFile() || stats.size === 0 || stats.size > MOST_OF_SHORT) return undefined;
    return readFileSync(path, 'utf8').trimEnd();
  } catch {
    // Told when the secret is needed.
    return undefined;
  }
}

/**
 * The beginning of what somebody else said, without secrets. They are taken out before it is cut: of half a secret
 * nobody knows that it is one.
 */
export function excerpt(text: string, most: number, redact: (text: string) => string): string {
  const told = redact(text).trim();
  return told.length > most ? `${told.slice(0, most)}…` : told;
}

/** What stands where a secret stood in a URL, as libraries write it. */
function inUrls(value: string): string[] {
  const url = new URL('http://host/');
  url.password = value;
  const strict = encodeURIComponent(value).replace(
    /[!'()*]/g,
    sign => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  const form = new URLSearchParams([['', value]]).toString().slice(1);
  const forms = [encodeURIComponent(value), strict, form, url.password];
  return [...forms, ...forms.map(text => text.replace(/%[0-9A-F]{2}/g, code => code.toLowerCase()))];
}

/**
 * The characters that base64 (RFC 4648, both alphabets) writes for a value wherever in a text it begins: of each of the
 * three places within a group those that hold no bit of what stands before or behind.
 */
function inBase64(value: string): string[] {
  const bytes = Buffer.from(value);
  return [0, 1, 2].flatMap(before => {
    const whole = Buffer.concat([Buffer.alloc(before), bytes]).toString('base64');
    const core = whole.slice(Math.ceil((before * 8) / 6), Math.floor(((before + bytes.length) * 8) / 6));
    return [core, core.replaceAll('+', '-').replaceAll('/', '_')];
  });
}

/** The password of a URL; also of one that names several hosts, as databases take it. */
function passwordIn(value: string): string {
  const oneHost = value.replace(/^([a-z][a-z0-9+.-]*:\/\/[^/?#]*@)[^/?#]*,[^/?#]*/i, '$1host');
  return URL.canParse(oneHost) ? new URL(oneHost).password : '';
}

/** What of a value is a secret by itself: all of it, its longer lines, the password in it where it is a URL. */
function partsOf(value: string): string[] {
  const lines = value.includes('\n') ? value.split(/\r?\n/).filter(line => line.length >= SHORTEST_LINE) : [];
  const password = passwordIn(value);
  if (password === '') return [value, ...lines];
  try {
    return [value, ...lines, password, decodeURIComponent(password)];
  } catch {
    return [value, ...lines, password];
  }
}

interface Forms {
  readonly texts: readonly string[];
  readonly base64: readonly string[];
}

function formsOf(values: Iterable<string>): Forms {
  const parts = [...values].flatMap(partsOf);
  const encodable = parts.filter(part => part.length >= SHORTEST_REDACTED);
  const texts = [...parts, ...encodable.flatMap(part => [JSON.stringify(part).slice(1, -1), ...inUrls(part)])];
  const longestFirst = [...new Set(texts)].filter(text => text !== '').sort((a, b) => b.length - a.length);
  return {texts: longestFirst, base64: [...new Set(encodable.flatMap(inBase64))]};
}

const OF_BASE64 = /[A-Za-z0-9+/_=-]/;

/** Takes out the whole word of base64 that the value stands in: what is left of it would tell its neighbours' bits. */
function withoutBase64(text: string, core: string): string {
  let out = '';
  let from = 0;
  for (let at = text.indexOf(core); at !== -1; at = text.indexOf(core, from)) {
    let [start, end] = [at, at + core.length];
    while (start > from && OF_BASE64.test(text.charAt(start - 1))) start--;
    while (end < text.length && OF_BASE64.test(text.charAt(end))) end++;
    out += `${text.slice(from, start)}***`;
    from = end;
  }
  return out + text.slice(from);
}

/** How to take these values, in every form that they may have, out of a text. */
export function redactionOf(values: Iterable<string>): (text: string) => string {
  const {texts, base64} = formsOf(values);
  return text => texts.reduce((out, value) => out.replaceAll(value, '***'), base64.reduce(withoutBase64, text));
}

const PASSWORD = /\b([a-z][a-z0-9+.-]{0,20}:\/\/[^\s/?#:@"'`<>]{0,200}):(?!\$\{)[^\s/?#"'`<>]{1,400}@/gi;

/** A text in which no URL tells its password. */
export function withoutPasswords(text: string): string {
  return text.includes('://') ? text.replace(PASSWORD, '$1:***@') : text;
}

/** A host, with or without a port: the one part of a URL whose own signs a secret may bring. */
const HOST = /^(?:[\w.-]+|\[[0-9a-f:.]+\])(?::\d{1,5})?$/i;

/**
 * A URL with its secrets put in. One that is all of it, or its beginning, is taken as it is; within a URL it is a value
 * and %-encoded: a password with `@`, `/` or `#` in it must not lead to another host.
 */
export function revealUrl(text: string, reveal: (text: string) => string): string {
  if (ONLY_A_REFERENCE.test(text)) return reveal(text);
  return text.replace(REFERENCE, (reference: string, ...found: unknown[]) => {
    const at = Number(found[2]);
    const value = reveal(reference);
    const isHost = /(?:^|\/\/|@)$/.test(text.slice(0, at)) && /^(?:[/?#]|$)/.test(text.slice(at + reference.length));
    if (at === 0 || (isHost && HOST.test(value))) return value;
    return encodeURIComponent(value);
  });
}

/**
 * What the references in these texts stand for, by reference: for whoever must know them where they cannot be looked
 * up.
 */
export function secretsIn(texts: readonly string[], reveal: (text: string) => string): ReadonlyMap<string, string> {
  const references = texts.flatMap(text => [...text.matchAll(REFERENCE)].map(([reference]) => reference));
  return new Map(references.map(reference => [reference, reveal(reference)]));
}

/** Puts in what was looked up before. */
export function revealWith(secrets: ReadonlyMap<string, string>): (text: string) => string {
  return text => text.replace(REFERENCE, reference => secrets.get(reference) ?? reference);
}

function lookUp(kind: string, name: string, environment: Readonly<Record<string, string | undefined>>): string {
  if (kind === 'env') {
    const value = environment[name];
    if (value === undefined || value === '') {
      throw new FiredrillError(
        'SECRET_MISSING',
        `Expected the environment variable \`${name}\` for \${secret:env:${name}}; it is not set.`,
      );
    }
    return value;
  }
  try {
    return readFileSync(name, 'utf8').trimEnd();
  } catch (cause) {
    throw new FiredrillError('SECRET_MISSING', `Expected a readable file \`${name}\` for \${secret:file:${name}}.`, {
      cause,
    });
  }
}

export function openSecrets(environment: Readonly<Record<string, string | undefined>>): Secrets {
  const values = new Set<string>();
  let redact = redactionOf(values);
  return {
    reveal: text =>
      text.replace(REFERENCE, (_, kind: string, name: string) => {
        const value = lookUp(kind, name, environment);
        if (value.length >= SHORTEST_REDACTED && !values.has(value)) {
          values.add(value);
          redact = redactionOf(values);
        }
        return value;
      }),
    redact: text => withoutPasswords(redact(text)),
    mask: bytes => {
      const {texts, base64} = formsOf(values);
      let found = false;
      for (const form of [...texts, ...base64].map(text => Buffer.from(text))) {
        for (let at = bytes.indexOf(form); at !== -1; at = bytes.indexOf(form, at + form.length)) {
          bytes.fill('*', at, at + form.length);
          found = true;
        }
      }
      return found;
    },
  };
}
