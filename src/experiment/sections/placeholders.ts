import {unfit, type ValuePlace} from '../../signals/load/escaping.js';
import {
  formatPlaceholder,
  placeholdersIn,
  splitPlaceholders,
  type Placeholder,
} from '../../signals/load/placeholder.js';
import type {Path} from '../problem.js';
import {checkName, isMapping, type ProblemReport} from '../reading/tree.js';
import type {DocumentPart} from '../checking/entry.js';
import type {NamedCsv} from './csv.js';
import {child} from './section.js';

/** What requests of a load can take values from. */
interface Known {
  /** Undefined: the load has none. */
  readonly csv: NamedCsv | undefined;
  /** Names that earlier steps carry. */
  readonly carried: readonly string[];
}

interface SentText {
  readonly path: Path;
  readonly text: string;
  readonly place: ValuePlace;
}

/** Headers that say where a request goes and how it is read: the file alone decides that. */
const FIXED = new Set(['host', 'connection', 'content-type']);

/** Placeholders in the requests of a load: what they name exists, and what they stand for fits. */
export function checkPlaceholders(load: DocumentPart, csv: NamedCsv | undefined): void {
  const single = child(load, 'http');
  for (const kind of ['http', 'sql', 'redis']) checkRequest(child(load, kind), {csv, carried: []});
  const carry = child(single, 'carry');
  if (carry.value !== undefined) {
    const message = 'expected `carry` in a step of `scenarios`; there is no later request here';
    load.report.add({path: carry.path, at: 'key', code: 'CONTRADICTION', message});
  }
  const {value: scenarios} = child(load, 'scenarios');
  for (const name of isMapping(scenarios) ? Object.keys(scenarios) : []) {
    const steps = child(load, 'scenarios', name, 'steps');
    const carried: string[] = [];
    for (const at of Array.isArray(steps.value) ? steps.value.keys() : []) {
      const http = child(steps, at, 'http');
      checkRequest(http, {csv, carried: [...carried]});
      const own = child(http, 'carry').value;
      if (isMapping(own)) carried.push(...Object.keys(own));
    }
  }
}

function checkRequest(http: DocumentPart, known: Known): void {
  const {report} = http;
  for (const sent of textsOf(http)) {
    if (sent.place === 'url') checkUrl(report, sent);
    for (const placeholder of placeholdersIn(sent.text)) {
      checkHeader(report, sent);
      checkNamed(report, sent, {placeholder, known});
    }
  }
  checkSentId(http);
  const [checks, carry] = [child(http, 'checks'), child(http, 'carry')];
  if (!isMapping(checks.value) || !isMapping(carry.value)) return;
  for (const name of Object.keys(carry.value).filter(one => Object.hasOwn(checks.value as object, one))) {
    const message = `expected another name than that of a check: both would be the outcome \`check-${name}\``;
    report.add({path: [...carry.path, name], at: 'key', code: 'DUPLICATE_NAME', message});
  }
}

/** An id that is not sent is one that no list will ever have: every write would seem lost. */
function checkSentId(request: DocumentPart): void {
  const {path, value} = child(request, 'id');
  if (typeof value !== 'string') return;
  const texts = textsOf(request).filter(sent => sent.path.at(-1) !== 'id' || sent.path.length !== path.length);
  const sent = new Set(texts.flatMap(({text}) => placeholdersIn(text)).map(formatPlaceholder));
  const absent = placeholdersIn(value)
    .map(formatPlaceholder)
    .find(one => !sent.has(one));
  if (absent === undefined) return;
  const message = `expected placeholders that stand in the request, too; \`${absent}\` is not sent`;
  request.report.add({path, code: 'CONTRADICTION', message, hint: 'the id is then in no list of what is stored'});
}

function textsOf(http: DocumentPart): readonly SentText[] {
  if (typeof http.value === 'string') return [{path: http.path, text: http.value, place: 'url'}];
  return [
    ...textsIn(child(http, 'url'), 'url'),
    ...textsIn(child(http, 'headers'), 'header'),
    ...textsIn(child(http, 'json'), 'json-text'),
    ...textsIn(child(http, 'body'), 'text'),
    ...textsIn(child(http, 'query'), 'parameter'),
    ...textsIn(child(http, 'command'), 'text'),
    ...(typeof child(http, 'id').value === 'string' ? textsIn(child(http, 'id'), 'text') : []),
  ];
}

function textsIn(part: DocumentPart, place: ValuePlace): readonly SentText[] {
  const {path, value} = part;
  if (typeof value === 'string') return [{path, text: value, place}];
  if (typeof value !== 'object' || value === null) return [];
  const keys = Array.isArray(value) ? [...value.keys()] : Object.keys(value);
  return keys.flatMap(key => textsIn(child(part, key), place));
}

/** The host is the file's own, and no value completes what the file has begun to encode. */
function checkUrl(report: ProblemReport, {path, text}: SentText): void {
  let before = '';
  for (const part of splitPlaceholders(text)) {
    if (typeof part === 'string') {
      before += part;
      continue;
    }
    // A secret at the beginning may be all of scheme and host, but nothing tells where they end.
    const inHost = !/^(?:[a-z]+:\/\/|\$\{secret:[^}]*\})[^/?#]*[/?#]/i.test(before);
    const hint = inHost ? 'where requests go is said by the file; use `${var:…}`' : 'write the sign itself';
    const where = inHost ? 'in the path or the query' : 'after a whole `%`-escape';
    if (inHost || /%[0-9a-f]?$/i.test(before)) {
      const message = `expected \`${formatPlaceholder(part)}\` ${where}; it stands after \`${before}\``;
      report.add({path, code: 'BAD_REFERENCE', message, hint});
    }
    before += 'x';
  }
}

function checkHeader(report: ProblemReport, {path, place}: SentText): void {
  const name = String(path.at(-1));
  if (place !== 'header' || !FIXED.has(name.toLowerCase())) return;
  const message = `expected \`${name}\` without a placeholder: it is the same for all users`;
  report.add({path, code: 'BAD_REFERENCE', message});
}

function checkNamed(
  report: ProblemReport,
  {path, place}: SentText,
  {placeholder, known: {csv, carried}}: {placeholder: Placeholder; known: Known},
): void {
  const written = formatPlaceholder(placeholder);
  if (placeholder.kind === 'carry') {
    checkName(report, path, placeholder.name, {what: 'a value that an earlier step carries', known: carried});
  } else if (placeholder.kind === 'csv') {
    if (csv === undefined) {
      const hint = 'give the load `csv: customers.csv`';
      report.add({
        path,
        code: 'MISSING',
        message: `expected \`csv\` at the load for \`${written}\`; it is missing`,
        hint,
      });
    } else checkColumn(report, {path, place, csv, column: placeholder.column});
  } else if (placeholder.kind === 'pick') {
    const why = placeholder.options.flatMap(option => unfit(option, place) ?? []);
    if (why[0] === undefined) return;
    const message = `expected values that fit here; got one of \`${written}\` that does not: ${why[0]}`;
    report.add({path, code: 'WRONG_VALUE', message});
  }
}

function checkColumn(
  report: ProblemReport,
  {path, place, csv: {file, look}, column}: {path: Path; place: ValuePlace; csv: NamedCsv; column: string},
): void {
  if (look === undefined || 'why' in look) return;
  if (!checkName(report, path, column, {what: `a column of \`${file}\``, known: look.columns})) return;
  const at = look.columns.indexOf(column);
  for (const [number, row] of look.rows.entries()) {
    const why = unfit(row[at] ?? '', place);
    if (why === undefined) continue;
    const message = `expected values that fit here in column \`${column}\` of \`${file}\`; row ${number + 1} has one that does not: ${why}`;
    report.add({path, code: 'WRONG_VALUE', message});
    return;
  }
}
