/** A part of a URL without its %-escapes; as it is when a `%` starts none. */
export function unescaped(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/** The same; undefined where there is none. */
export function givenPart(part: string): string | undefined {
  return part === '' ? undefined : unescaped(part);
}

/** `https://shop.test:8443`, without user, password and path; as far as it is known before secrets are. */
export function originOf(url: string): string {
  const known = /^([a-z][a-z0-9+.-]*:\/\/)(?:[^/?#]*@)?([^/?#]*)/i.exec(url);
  return known === null ? url : `${known[1]}${known[2]}`;
}
