import {execFileSync} from 'node:child_process';
import {readdirSync, readFileSync} from 'node:fs';
import {expect} from 'chai';
import {parse} from 'yaml';

interface Schema {
  readonly description?: string;
  readonly type?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema | false;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly pattern?: string;
  readonly minimum?: number;
  readonly $ref?: string;
}

const TYPES: Readonly<Record<string, (value: unknown) => boolean>> = {
  object: value => typeof value === 'object' && value !== null && !Array.isArray(value),
  array: Array.isArray,
  integer: Number.isInteger,
  number: value => typeof value === 'number',
  string: value => typeof value === 'string',
  boolean: value => typeof value === 'boolean',
  null: value => value === null,
};

/** The part of JSON Schema that ours uses: where the value does not fit, as paths. */
function misfits(node: Schema, value: unknown, path = ''): readonly string[] {
  const fits = (branch: Schema) => misfits(branch, value, path).length === 0;
  const wrong =
    (node.type !== undefined && TYPES[node.type]?.(value) === false) ||
    (node.enum !== undefined && !node.enum.includes(value)) ||
    (node.const !== undefined && node.const !== value) ||
    (node.pattern !== undefined && typeof value === 'string' && !new RegExp(node.pattern, 'u').test(value)) ||
    (node.minimum !== undefined && typeof value === 'number' && value < node.minimum) ||
    (node.anyOf !== undefined && !node.anyOf.some(fits)) ||
    (node.oneOf !== undefined && node.oneOf.filter(fits).length !== 1);
  if (wrong) return [path];
  if (Array.isArray(value)) return value.flatMap((item, i) => misfits(node.items ?? {}, item, `${path}[${i}]`));
  if (typeof value !== 'object' || value === null) return [];
  const missing = (node.required ?? []).filter(key => !(key in value)).map(key => `${path}.${key}?`);
  const inner = Object.entries(value).flatMap(([key, item]) => {
    const field = node.properties?.[key] ?? node.additionalProperties ?? {};
    return field === false ? [`${path}.${key}!`] : misfits(field, item, `${path}.${key}`);
  });
  return [...missing, ...inner];
}

const schema = JSON.parse(readFileSync('schema/experiment.schema.json', 'utf8')) as Schema;

describe('what is generated', () => {
  it('is up to date: run `npm run generate` when this fails', function () {
    execFileSync(process.execPath, ['--import=tsx', 'scripts/generate.ts', '--check'], {stdio: 'pipe'});
  });

  it('describes every key of the experiment in the JSON Schema', () => {
    for (const [key, field] of Object.entries(schema.properties ?? {})) expect(field.description, key).to.match(/\S/);
  });

  it('accepts the valid examples and the library in the JSON Schema', () => {
    const library = readdirSync('experiments').filter(name => !name.endsWith('.base.yaml') && name.endsWith('.yaml'));
    const files = ['smallest', 'everything'].map(name => `test/fixtures/experiments/valid/${name}.yaml`);
    for (const file of [...files, ...library.map(name => `experiments/${name}`)]) {
      expect(misfits(schema, parse(readFileSync(file, 'utf8'))), file).to.deep.equal([]);
    }
  });

  it('refuses misspelt keys, missing units and two kinds in the JSON Schema', () => {
    const refused = (text: string) => misfits(schema, {version: 1, title: 'x', ...(parse(text) as object)});
    const fault = '{ name: a, pause: {}, targets: [t], for: 5s }';
    const good = `steadyState: {}\nfaults: [ ${fault} ]`;
    expect(refused(good)).to.deep.equal([]);
    expect(refused(`${good}\nsafty: {}`)).to.deep.equal(['.safty!']);
    expect(refused(good.replace('5s', '5'))).to.deep.equal(['.faults[0].for']);
    expect(refused(good.replace('pause: {}', 'pause: {}, kill: {}'))).to.deep.equal(['.faults[0]']);
    expect(refused('steadyState: {}')).to.deep.equal(['.faults?']);
  });

  it('has what is not built yet in the JSON Schema, by name', () => {
    const {faults} = schema.properties ?? {};
    const later = [faults?.items?.properties?.['node-drain']];
    for (const field of later) expect(field?.description).to.match(/^Not in this version yet: /);
  });
});
