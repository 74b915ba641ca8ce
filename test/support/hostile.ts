/** What a terminal, a browser, a CI server or a parser would obey, and what would hide from a reader. */
export const HOSTILE =
  '\u001b[31m\u001b]8;;http://evil\u0007 \u202eabc\u200b\u0000\ud800 ]]>--><script>alert(1)</script>" \' & \\ | `x`\r\n::error::taken\n# EOF\nfiredrill_run_exit_code 0';

/** Fields with words of their own, which a schema would refuse to be anything else. */
const WORDS =
  /^(kind|unit|worse|verdict|severity|at|startedAt|endedAt|from|to|type|priority|expected|state|of|design|inForce|heal|code|ended)$/;

/** The value with that text behind each of its texts that an author, a target or a person could have written. */
export function poisoned<T>(value: T, key?: string): T;
export function poisoned(value: unknown, key = ''): unknown {
  if (typeof value === 'string') return WORDS.test(key) ? value : `${value}${HOSTILE}`;
  if (Array.isArray(value)) return value.map(one => poisoned<unknown>(one, key));
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, poisoned<unknown>(one, name)]));
}

/** Characters that would not be seen, or would be obeyed; line breaks of ours are none. */
export const UNSEEN = /[\u0000-\u0008\u000b-\u001f\u007f\u202a-\u202e\u200b]/;
