import {printable, printableProse} from '../../quantities/printable.js';

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Any text as HTML text or as the value of a quoted attribute. */
export function html(text: string | number): string {
  return printableProse(String(text)).replace(/[&<>"']/g, character => ENTITIES[character] ?? character);
}

/** Data for a script element: `<` is written as \u003c, so that nothing in it can end the element. */
export function scriptData(value: unknown): string {
  const shown = (_key: string, part: unknown) => (typeof part === 'string' ? printable(part) : part);
  return JSON.stringify(value, shown).replace(/</g, '\\u003c');
}
