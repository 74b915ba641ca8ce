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
