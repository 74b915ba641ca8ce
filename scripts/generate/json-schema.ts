import * as z from 'zod';
import {FAULTS, PROBES, SELECTORS} from '../../src/experiment/catalogue.generated.js';
import {configurationFields} from '../../src/experiment/configuration.js';
import {policyFields} from '../../src/experiment/policy.js';
import {
  checkFields,
  faultFields,
  guardFields,
  metricFields,
  readOnceFields,
  samplingFields,
  targetFields,
} from '../../src/experiment/schema/entries.js';
import {notYet} from '../../src/experiment/schema/fields.js';
import {expectFields, headFields} from '../../src/experiment/schema/head.js';
import {LATER_FAULTS, LATER_PROBES} from '../../src/experiment/schema/later.js';
import {derivedMetric} from '../../src/experiment/schema/derived.js';
import {loadFields, loadMetric} from '../../src/experiment/schema/load.js';

export interface JsonSchema {
  [key: string]: unknown;
  type?: string | string[];
  description?: string;
  properties?: Record<string, JsonSchema>;
  required?: string[];
  anyOf?: JsonSchema[];
  oneOf?: JsonSchema[];
  items?: JsonSchema;
  additionalProperties?: JsonSchema | boolean;
  enum?: unknown[];
  const?: unknown;
  pattern?: string;
  default?: unknown;
  examples?: unknown[];
  minimum?: number;
  maximum?: number;
}

/** What a file may contain, before defaults and units are read. */
export function toJson(schema: z.ZodType): JsonSchema {
  const json = z.toJSONSchema(schema, {io: 'input', unrepresentable: 'any'}) as JsonSchema;
  allowReferences(json);
  delete json['$schema'];
  return json;
}

/** Any text value may hold a reference such as `${var:port}`; what it becomes is checked when the file is read. */
function allowReferences(node: unknown): void {
  if (typeof node !== 'object' || node === null) return;
  const schema = node as JsonSchema;
  if (typeof schema.pattern === 'string') schema.pattern = `${schema.pattern}|\\$\\{`;
  // Keys hold none.
  for (const [key, inner] of Object.entries(node)) if (key !== 'propertyNames') allowReferences(inner);
}

/** The branch of a block that is a mapping: its own schema or the one of its alternatives. */
export function mappingsOf(schema: JsonSchema): readonly JsonSchema[] {
  if (schema.properties !== undefined) return [schema];
  return [...(schema.anyOf ?? []), ...(schema.oneOf ?? [])].flatMap(mappingsOf);
}

function laterFields(
  later: Readonly<Record<string, string>>,
  known: Readonly<Record<string, unknown>>,
  what: string,
): Record<string, JsonSchema> {
  const rows = Object.entries(later).filter(([name]) => !(name in known));
  return Object.fromEntries(rows.map(([name, instead]) => [name, toJson(notYet(`the ${what} \`${name}\``, instead))]));
}

/** A mapping of fixed fields in which exactly one key of `kinds` says what it is. */
function kinded(
  fields: Record<string, z.ZodType>,
  kinds: Record<string, JsonSchema>,
  later: Record<string, JsonSchema>,
): JsonSchema {
  const base = toJson(z.strictObject(fields));
  return {
    ...base,
    properties: {...base.properties, ...kinds, ...later},
    oneOf: Object.keys(kinds).map(kind => ({required: [kind]})),
  };
}

function withParameters(schema: JsonSchema, more: Record<string, JsonSchema>): JsonSchema {
  for (const mapping of mappingsOf(schema)) mapping.properties = {...mapping.properties, ...more};
  return schema;
}

/** The probe's block: its own parameters and how often to read. */
function probeBlock(name: string, fields: Record<string, z.ZodType>): JsonSchema {
  const probe = PROBES[name];
  if (probe === undefined) return {};
  const block = toJson(probe.parameters());
  const sampling = toJson(z.strictObject(fields)).properties ?? {};
  return withParameters(block, sampling);
}

/** What a fault's block may hold on each of the kinds of target it hits, in the order of its forms. */
export function faultBlocks(name: string): readonly JsonSchema[] {
  return (FAULTS[name]?.forms ?? []).map(({parameters}) => toJson(parameters()));
}

function faultBlock(name: string): JsonSchema {
  const [only, ...others] = faultBlocks(name);
  return only === undefined || others.length > 0 ? {anyOf: [...faultBlocks(name)]} : only;
}

const eachOf = (names: readonly string[], build: (name: string) => JsonSchema) =>
  Object.fromEntries(names.map(name => [name, build(name)]));

const named = (entry: JsonSchema, description: string): JsonSchema => ({
  type: 'object',
  description,
  propertyNames: {type: 'string', minLength: 1, maxLength: 100},
  additionalProperties: entry,
});

function sections(): Record<string, JsonSchema> {
  const target = kinded(
    targetFields(),
    eachOf(Object.keys(SELECTORS), name => toJson((SELECTORS[name] ?? {selector: () => z.never()}).selector())),
    {},
  );
  const probes = Object.keys(PROBES);
  const later = laterFields(LATER_PROBES, PROBES, 'probe');
  const metric = kinded(
    metricFields(),
    {
      load: toJson(loadMetric()),
      metric: toJson(derivedMetric()),
      ...eachOf(probes, name => probeBlock(name, samplingFields())),
    },
    later,
  );
  const fault = kinded(
    faultFields(),
    eachOf(Object.keys(FAULTS), faultBlock),
    laterFields(LATER_FAULTS, FAULTS, 'fault'),
  );
  const check = kinded(
    checkFields(),
    eachOf(probes, name => probeBlock(name, readOnceFields())),
    later,
  );
  const expect = toJson(z.strictObject(expectFields()));
  const checks: JsonSchema = {
    type: 'array',
    description:
      'Numbers read before the injection and after the recovery. One without a value before the injection ends the run before anything is broken.',
    items: check,
  };
  return {
    targets: named(target, 'What may be hit, by name.'),
    load: named(toJson(z.strictObject(loadFields())), 'Traffic that the experiment sends, by name.'),
    steadyState: named(metric, 'What is measured, by name, and what it must keep to.'),
    faults: {type: 'array', minItems: 1, description: 'What is broken, in any order: `after` says when.', items: fault},
    guards: {
      type: 'array',
      description: 'Conditions that stop the run at once.',
      items: toJson(z.strictObject(guardFields())),
    },
    expect: {
      ...expect,
      description: 'What must hold besides the tolerances.',
      properties: {...expect.properties, checks},
    },
  };
}

/** schema/experiment.schema.json */
export function experimentSchema(): JsonSchema {
  const head = toJson(z.strictObject(headFields()));
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'Firedrill experiment',
    ...head,
    properties: {...head.properties, ...sections()},
    required: [...(head.required ?? []), 'steadyState', 'faults'],
  };
}

/** schema/config.schema.json */
export function configurationSchema(): JsonSchema {
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'Firedrill configuration of a machine',
    ...toJson(z.strictObject(configurationFields())),
  };
}

/** schema/policy.schema.json */
export function policySchema(): JsonSchema {
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'Firedrill policy',
    ...toJson(z.strictObject(policyFields())),
  };
}
