const schemas = new WeakMap<() => object, object>();

/** What a function builds, built when it is first asked for: one file needs the same schema again and again. */
export function built<T extends object>(build: () => T): T {
  const known = schemas.get(build) as T | undefined;
  if (known !== undefined) return known;
  const made = build();
  schemas.set(build, made);
  return made;
}
