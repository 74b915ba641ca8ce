const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Any text as HTML text or as the value of a quoted attribute. */
export function html(text: string | number): string {
  return String(text).replace(/[&<>"']/g, character => ENTITIES[character] ?? character);
}

/** Data for a script element: `<` is written as \u003c, so that nothing in it can end the element. */
export function scriptData(value: unknown): string {
  return JSON.stringify(value)
    .replace(/</g, '\\u003c')
    .replace(/\u2028/g, '\\u2028')
    .replace(/\u2029/g, '\\u2029');
}
