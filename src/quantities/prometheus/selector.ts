/** Which series of Prometheus: a metric's name and, as they are written, its matchers. */
export interface Selector {
  readonly name: string;
  /** Labels that matchers name, in the order they are written. */
  readonly labels: readonly string[];
}

const NAME = /^[A-Za-z_:][\w:]*$/;
const VALUE = String.raw`(?:"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|` + '`[^`]*`)';
const MATCHER = new RegExp(String.raw`^\s*([A-Za-z_]\w*)\s*(?:=~|!~|!=|=)\s*${VALUE}\s*`);

function labelsOf(inside: string): readonly string[] | undefined {
  const labels: string[] = [];
  let rest = inside;
  while (rest.trim() !== '') {
    const match = MATCHER.exec(rest);
    const label = match?.[1];
    if (match === null || label === undefined) return undefined;
    labels.push(label);
    rest = rest.slice(match[0].length);
    if (rest === '') break;
    if (!rest.startsWith(',')) return undefined;
    rest = rest.slice(1);
  }
  return labels;
}

/** What is written instead of a selector, in words; undefined when it is neither a range nor a calculation. */
function otherThan(text: string): string | undefined {
  const code = text.replaceAll(new RegExp(VALUE, 'g'), '""');
  if (code.includes('(')) return 'a calculation';
  if (code.includes('[')) return 'a range';
  if (/\boffset\b|@/.test(code)) return 'another time';
  return undefined;
}

/** A metric's name with optional matchers, `orders_total{job="shop"}`; or what it is instead, in words. */
export function parseSelector(text: string): Selector | {readonly instead: string} {
  const trimmed = text.trim();
  const other = otherThan(trimmed);
  if (other !== undefined) return {instead: other};
  const brace = trimmed.indexOf('{');
  const name = (brace === -1 ? trimmed : trimmed.slice(0, brace)).trim();
  if (!NAME.test(name)) return {instead: brace === 0 ? 'labels without a name' : 'something else'};
  if (brace === -1) return {name, labels: []};
  const labels = trimmed.endsWith('}') ? labelsOf(trimmed.slice(brace + 1, -1)) : undefined;
  return labels === undefined ? {instead: 'labels that cannot be read'} : {name, labels};
}
