import {printable} from '../../quantities/printable.js';

/** So much of a line is looked at and told, in characters. */
export const LONGEST_TEXT = 4096;

const ESCAPE = '\u001b';
/** What a terminal obeys: colours and movements (CSI), titles and links (OSC, DCS and their like), single letters. */
const TERMINAL = new RegExp(
  [
    String.raw`(?:${ESCAPE}\[|\u009b)[0-?]*[ -/]*[@-~]?`,
    String.raw`(?:${ESCAPE}[\]P^_X]|[\u009d\u0090])[^\u0007\u009c${ESCAPE}]*(?:\u0007|\u009c|${ESCAPE}\\)?`,
    String.raw`${ESCAPE}[ -/]*[0-~]?`,
  ].join('|'),
  'g',
);
const PLAIN = /^[ -~]*$/;

/** Words behind which a secret stands: `password=…`, `"apiKey": "…"`. */
const NAMED =
  /(["']?(?:password|passwd|passphrase|secret|token|api[_-]?key|access[_-]?key|private[_-]?key|client[_-]?secret|credentials?|session[_-]?id)["']?\s{0,3}[=:]\s{0,3})(?:"[^"]*"?|'[^']*'?|[^\s,;&"')}\]]+)/gi;
const CARRIED =
  /\b((?:proxy-)?authorization["']?\s{0,3}[:=]\s{0,3}["']?(?:[a-z]+\s)?|set-cookie:\s?|cookie:\s?|bearer\s)[^\s"',;]+/gi;
const TOKENS =
  /\beyJ[\w-]{8,}\.[\w-]{4,}(?:\.[\w-]*)?|\b(?:AKIA|ASIA)[A-Z0-9]{16}\b|\bgh[pousr]_\w{20,}|\bxox[abprs]-[\w-]{10,}/g;

/** What looks like a credential, whether or not the experiment knows it, is taken out. */
function withoutCredentials(text: string): string {
  return text.replace(NAMED, '$1***').replace(CARRIED, '$1***').replace(TOKENS, '***');
}

/**
 * A line of a log as one line of text that shows what it holds and obeys nothing: without what a terminal obeys,
 * printable, without secrets, at most `LONGEST_TEXT` characters. Secrets are taken out before it is cut: of half a
 * secret nobody knows that it is one.
 */
export function cleanLine(bytes: Buffer, redact: (text: string) => string): string {
  const raw = bytes.toString('utf8').replace(/\r+$/, '');
  const seen = PLAIN.test(raw) ? raw : printable(raw.replace(TERMINAL, '').replaceAll('\t', '    '));
  return withoutCredentials(redact(seen)).slice(0, LONGEST_TEXT);
}
