import {code, table} from './markdown.js';
import {mappingsOf, type JsonSchema} from './json-schema.js';

export const LATER = 'Not in this version yet';

/** What may be written, in a few words. */
function typeOf(schema: JsonSchema): string {
  const [example, second] = schema.examples ?? [];
  if (schema.const !== undefined) return code(schema.const);
  if (schema.enum !== undefined) return schema.enum.map(code).join(', ');
  if (example !== undefined) return [example, second].flatMap(e => (e === undefined ? [] : [code(e)])).join(', ');
  const options = schema.anyOf ?? schema.oneOf;
  if (options !== undefined) return [...new Set(options.map(typeOf))].join(' or ');
  if (schema.type === 'array') return schema.items === undefined ? 'list' : `list of ${typeOf(schema.items)}`;
  if (schema.type === 'object')
    return schema.properties === undefined ? 'mapping' : `{${Object.keys(schema.properties).join(', ')}}`;
  if (schema.type === 'integer') return 'whole number';
  return schema.type === 'string'
    ? 'text'
    : schema.type === 'boolean'
      ? '`true`, `false`'
      : String(schema.type ?? 'anything');
}

export function defaultOf(schema: JsonSchema, required: boolean): string {
  if (required) return 'required';
  return schema.default === undefined ||
    (typeof schema.default === 'object' && Object.keys(schema.default ?? {}).length === 0)
    ? ''
    : code(schema.default);
}

/** The keys of a mapping as a table; what is not built yet is left out. */
export function fieldsTable(schema: JsonSchema, prefix = ''): string {
  const rows = fieldRows(schema, prefix);
  return rows.length === 0 ? 'No parameters.' : table(['key', 'value', 'default', 'meaning'], rows);
}

function fieldRows(schema: JsonSchema, prefix: string): readonly (readonly string[])[] {
  return Object.entries(schema.properties ?? {}).flatMap(([key, field]) => {
    if (isLater(field)) return [];
    const name = `${prefix}${key}`;
    const row = [
      `\`${name}\``,
      typeOf(field),
      defaultOf(field, schema.required?.includes(key) === true),
      field.description ?? '',
    ];
    const inner = mappingsOf(field);
    return [row, ...inner.flatMap(mapping => fieldRows(mapping, `${name}.`))];
  });
}

export function isLater(schema: JsonSchema): boolean {
  return schema.description?.startsWith(LATER) === true;
}
