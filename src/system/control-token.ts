import {createHash, randomBytes, timingSafeEqual} from 'node:crypto';
import {mkdir, readFile, rename, rm, writeFile} from 'node:fs/promises';
import {join} from 'node:path';

/**
 * Folder for the tokens of proxies instead of the one in the state directory: to use a proxy of another user or state.
 */
const OWN_FOLDER = 'FIREDRILL_PROXY_TOKENS';

/** A header line, so that `curl -H @FILE` sends it. */
const LINE = /^authorization: (Bearer [A-Za-z0-9_-]{43})\n$/;

/** Where the tokens of proxies lie. */
export function tokenFolder(environment: Readonly<Record<string, string | undefined>>, stateDir: string): string {
  const own = environment[OWN_FOLDER];
  return own === undefined || own === '' ? join(stateDir, 'proxies') : own;
}

/** The file with the token of the proxy whose control API is at HOST:PORT. `localhost` is 127.0.0.1 here. */
export function tokenFile(folder: string, control: string): string {
  return join(folder, `${control.replace(/^localhost(?=:)/, '127.0.0.1').replaceAll(/[^\w.:-]/g, '_')}.token`);
}

/** A new token: the value of the `authorization` header. */
export function newToken(): string {
  return `Bearer ${randomBytes(32).toString('base64url')}`;
}

/** Whether a header is the token; how long that takes says nothing about how much of it is right. */
export function isToken(given: string | undefined, token: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given ?? ''), digest(token));
}

/**
 * Writes the token so that only this user can read it. Whatever stood there (a link too) is replaced, never followed.
 */
export async function writeToken(file: string, folder: string, token: string): Promise<void> {
  await mkdir(folder, {recursive: true, mode: 0o700});
  const fresh = `${file}.${randomBytes(6).toString('hex')}`;
  try {
    await writeFile(fresh, `authorization: ${token}\n`, {flag: 'wx', mode: 0o600});
    await rename(fresh, file);
  } catch (error) {
    await rm(fresh, {force: true});
    throw error;
  }
}

/** The token in a file; undefined where there is none. Nothing else that a file may hold is ever sent. */
export async function readToken(file: string): Promise<string | undefined> {
  const text = await readFile(file, 'utf8').catch(() => '');
  return LINE.exec(text)?.[1];
}

/** Removes the file when it still holds this token. */
export async function removeToken(file: string, token: string): Promise<void> {
  if ((await readToken(file)) === token) await rm(file, {force: true});
}
