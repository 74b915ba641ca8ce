/** Where in a request a value stands: each place has signs of its own that a value must not bring. */
export type ValuePlace = 'url' | 'header' | 'json-text' | 'json-value' | 'form' | 'xml' | 'parameter' | 'text';

/** Header values are one line of latin1 (RFC 9110, section 5.5). */
const NO_HEADER = /[^\t\x20-\x7e\x80-\xff]/;

/**
 * Why a value cannot stand at a place, whatever is done to its signs; undefined when it can. In a URL an empty one
 * would name another resource, and so would one that is read as a step in the path (RFC 3986, section 5.2.4),
 * %-encoded or not.
 */
export function unfit(value: string, place: ValuePlace): string | undefined {
  if (place === 'url') {
    if (value === '') return 'it is empty';
    return /^\.{1,2}$/.test(value) ? 'it is a step in a path' : undefined;
  }
  if (place === 'parameter')
    return value.includes('\0') ? 'it holds a NUL, which no text of a database has' : undefined;
  return place === 'header' && NO_HEADER.test(value)
    ? 'it holds a line break or another sign that no header may have'
    : undefined;
}

const XML: Readonly<Record<string, string>> = {'&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&apos;'};

/** Signs that must not stand in a part of a URL, and those that mean something between its parts. */
const encoded = (value: string) => encodeURIComponent(value.replace(/\p{Surrogate}/gu, '\ufffd'));

/** A number, `true`, `false` or `null` stands for itself; everything else is a text. */
function jsonValue(value: string): string {
  return /^(?:-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)$/.test(value)
    ? value
    : JSON.stringify(value);
}

/** Makes of a value what stands for it, and nothing else, at a place. */
export const ESCAPES: Readonly<Record<ValuePlace, (value: string) => string>> = {
  url: encoded,
  form: encoded,
  header: value => value,
  'json-text': value => JSON.stringify(value).slice(1, -1),
  'json-value': jsonValue,
  xml: value => value.replace(/[&<>"']/g, sign => XML[sign] ?? sign),
  parameter: value => value,
  text: value => value,
};

/** The place that a body is, by its content type; JSON is told apart further by what stands around the value. */
export function placeOfBody(
  headers: Readonly<Record<string, string>>,
): Exclude<ValuePlace, 'url' | 'header' | 'json-value' | 'parameter'> {
  const [, type = ''] = Object.entries(headers).find(([name]) => name.toLowerCase() === 'content-type') ?? [];
  const [essence = ''] = type.toLowerCase().split(';', 1);
  if (/[/+]json\s*$/.test(essence)) return 'json-text';
  if (/[/+]xml\s*$/.test(essence)) return 'xml';
  return essence.trim() === 'application/x-www-form-urlencoded' ? 'form' : 'text';
}
