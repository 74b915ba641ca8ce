/** One word as a POSIX shell reads it. */
export function quoteForShell(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

/** The line that a person would type to run a command in its folder with its variables. */
export function commandForShell(
  argv: readonly string[],
  cwd: string | undefined,
  environment: Readonly<Record<string, string>>,
): string {
  const assigned = Object.entries(environment).map(([name, value]) => `${name}=${quoteForShell(value)}`);
  const line = [...assigned, ...argv.map(quoteForShell)].join(' ');
  return cwd === undefined ? line : `cd ${quoteForShell(cwd)} && ${line}`;
}
