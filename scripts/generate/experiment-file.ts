import {SELECTORS} from '../../src/experiment/catalogue.generated.js';
import {defaultOf, fieldsTable, isLater, LATER} from './fields.js';
import {experimentSchema, mappingsOf, type JsonSchema} from './json-schema.js';
import {code, fence, NOTE, page, table} from './markdown.js';

/** docs/experiment-file.md */
export function experimentFileDoc(smallest: string, everything: string): string {
  const {properties = {}, required = []} = experimentSchema();
  const drivers = Object.keys(SELECTORS);
  const section = (name: string): JsonSchema => properties[name] ?? {};
  const entry = (name: string): JsonSchema => {
    const whole = section(name);
    const inner = whole.items ?? whole.additionalProperties;
    return typeof inner === 'object' ? withoutKinds(inner) : whole;
  };
  const top = Object.entries(properties).filter(([, field]) => !isLater(field));
  return page([
    '# The experiment file',
    NOTE,
    'YAML or JSON, in UTF-8, at most 1 MiB. Unknown keys are errors, and all problems are shown at once. `firedrill validate FILE` checks it without touching anything. The JSON Schema is `schema/experiment.schema.json`; the first line of the larger example makes editors use it.',
    'The smallest experiment; everything else has a default:',
    fence(smallest),
    'And everything there is:',
    fence(everything),
    '## Top level',
    table(
      ['key', 'default', 'meaning'],
      top.map(([name, field]) => [`\`${name}\``, defaultOf(field, required.includes(name)), field.description ?? '']),
    ),
    '### windows',
    fieldsTable(section('windows'), 'windows.'),
    '### safety',
    fieldsTable(section('safety'), 'safety.'),
    '## targets',
    `One of ${drivers.map(code).join(', ')}, and:`,
    fieldsTable(entry('targets')),
    ...drivers.flatMap(driver => driverPart(section('targets'), driver)),
    '## load',
    fieldsTable(entry('load')),
    ...loadParts(entry('load')),
    '## steadyState',
    'One [probe](probes.md), and:',
    fieldsTable(entry('steadyState')),
    '## faults',
    'One [fault](faults.md), and:',
    fieldsTable(entry('faults')),
    '## guards',
    fieldsTable(entry('guards')),
    '## prepare',
    section('prepare').description ?? '',
    fieldsTable(section('prepare').items ?? {}),
    AROUND,
    '## cleanup',
    section('cleanup').description ?? '',
    fieldsTable(section('cleanup').items ?? {}),
    '## expect',
    fieldsTable(withoutChecks(section('expect'))),
    '### expect.checks',
    'One [probe](probes.md), and:',
    fieldsTable(withoutKinds(section('expect').properties?.['checks']?.items ?? {})),
    '### expect.writes',
    'Acknowledged writes of a load beside what is stored at the end; [how to](how-to/lost-writes.md). Ids are compared as texts, without the space around them:',
    fieldsTable(section('expect').properties?.['writes']?.items ?? {}),
    '### expect.times',
    'Each is reported as an interval beside its limit, also where it was kept:',
    fieldsTable(section('expect').properties?.['times']?.items ?? {}),
    QUANTITIES,
    PATTERNS,
    REFERENCES,
    laterPart(properties),
  ]);
}

const AROUND = [
  'They run once the processes are ready that Firedrill starts, and before the first read of a check. A command that fails or takes longer than its `timeout` ends the run with 3, before anything is broken. What was prepared is put back in reverse order, after the last check was read and before those processes are stopped, also by the guardian and by `firedrill recover`. An undo that fails is owed (6). Neither `prepare` nor `cleanup` counts as a fault. [How to](how-to/around-the-run.md)',
].join('\n');

const QUANTITIES = [
  '## Quantities',
  'Written as people write them, and refused without a unit:',
  '',
  table(
    ['what', 'examples', 'units'],
    [
      ['duration', '`200ms`, `1.5s`, `1h30m`', '`us`, `ms`, `s`, `m`, `h`, `d`'],
      ['share', '`20%`, `0.5%`', '`%`'],
      ['rate', '`100/s`, `90/m`', '`/s`, `/m` or `/min`, `/h`'],
      ['size', '`64MiB`, `1.5GB`', '`B`, `kB`, `MB`, `GB`, `TB`, `KiB`, `MiB`, `GiB`, `TiB`'],
      ['bandwidth', '`1MiB/s`, `10Mbit/s`', 'a size per second, or `bit/s`, `kbit/s`, `Mbit/s`, `Gbit/s`'],
    ],
  ),
].join('\n');

const PATTERNS = [
  '## Regular expressions',
  '',
  'They meet text from outside (paths, bodies, output, names), so each of them ends in a time that grows with the length of the text alone: the syntax is that of [RE2](https://github.com/google/re2/wiki/Syntax), which is that of JavaScript without look-around (`(?=…)`, `(?<!…)`) and back-references (`\\1`), and with `^` and `$` at the ends of each line where a whole text is looked through. `validate` refuses the rest where it stands, and what has more than 500 parts (`{1,100}` counts 100 times).',
].join('\n');

const REFERENCES = [
  '## References',
  'Any text value may hold references. A reference that cannot be resolved is a problem with its line.',
  '',
  table(
    ['written', 'becomes'],
    [
      [
        '`${var:name}`',
        'a variable that the file declares; a reference alone is a number or `true`/`false` where one belongs, or, without quotes, wherever it reads as one; it needs no quotes in `{…}` and `[…]` (other YAML tools ask for them there)',
      ],
      ['`${env:NAME}`, `${env:NAME:-default}`', 'an environment variable; the default also stands for an empty one'],
      [
        '`${secret:env:NAME}`, `${secret:file:PATH}`',
        'stays a reference, resolved at the moment of use and never written down; within a larger URL its value is %-encoded (so give it as it is), and one of fewer than 4 characters cannot be taken out of what is told (`validate` and `plan` warn of it)',
      ],
      ['`${load:NAME.accepted}`', 'in a check: what a load counted'],
      ['`$${`', 'a literal `${`'],
    ],
  ),
].join('\n');

/** What stands in lists and under names in a load. */
function loadParts(load: JsonSchema): readonly string[] {
  const {http, stages, scenarios} = load.properties ?? {};
  const request = mappingsOf(http ?? {})[0]?.properties?.['checks'];
  const each = (schema: JsonSchema | undefined): JsonSchema =>
    typeof schema?.additionalProperties === 'object' ? schema.additionalProperties : {};
  const steps = mappingsOf(each(scenarios).properties?.['steps']?.items ?? {});
  return [
    '### load: stages',
    'How the rate changes, one after the other:',
    fieldsTable(stages?.items ?? {}),
    '### load: scenarios',
    'What users do, by name; [more of it](load.md):',
    fieldsTable(each(scenarios)),
    'A step is a request or a pause:',
    table(
      ['key', 'meaning'],
      steps.flatMap(({properties = {}}) =>
        Object.entries(properties).map(([key, field]) => [`\`${key}\``, field.description ?? '']),
      ),
    ),
    '### load: checks',
    'What must be true of an answer, by name: one thing, and how it must be.',
    fieldsTable(each(request)),
  ];
}

function driverPart(targets: JsonSchema, driver: string): readonly string[] {
  const entry = targets.additionalProperties;
  const block = typeof entry === 'object' ? entry.properties?.[driver] : undefined;
  if (block === undefined) return [];
  return [`### targets: ${driver}`, block.description ?? '', ...mappingsOf(block).map(mapping => fieldsTable(mapping))];
}

/** The fields of an entry without the keys that say what kind it is. */
function withoutKinds(entry: JsonSchema): JsonSchema {
  const kinds = new Set((entry.oneOf ?? []).flatMap(option => option.required ?? []));
  return {
    ...entry,
    properties: Object.fromEntries(Object.entries(entry.properties ?? {}).filter(([key]) => !kinds.has(key))),
  };
}

function withoutChecks(expect: JsonSchema): JsonSchema {
  return {
    ...expect,
    properties: Object.fromEntries(Object.entries(expect.properties ?? {}).filter(([key]) => key !== 'checks')),
  };
}

function laterPart(properties: Readonly<Record<string, JsonSchema>>): string {
  const found: (readonly string[])[] = [];
  const walk = (schema: JsonSchema, path: string): void => {
    if (isLater(schema)) {
      // Whole faults and probes are listed in their own documents.
      if (/the (?:fault|probe|check|metric) `/.test(schema.description ?? '') || path.startsWith('expect.checks[].'))
        return;
      found.push([`\`${path}\``, (schema.description ?? '').replace(`${LATER}: `, '')]);
      return;
    }
    for (const mapping of mappingsOf(schema))
      for (const [key, field] of Object.entries(mapping.properties ?? {})) walk(field, `${path}.${key}`);
    if (schema.items !== undefined) walk(schema.items, `${path}[]`);
    if (typeof schema.additionalProperties === 'object') walk(schema.additionalProperties, `${path}.*`);
  };
  for (const [key, field] of Object.entries(properties)) walk(field, key);
  return [
    '## Not in this version yet',
    'Known by name, and refused with what to use meanwhile. Faults and probes that are to come are listed in [faults](faults.md) and [probes](probes.md).',
    '',
    table(['key', 'what it will be'], found),
  ].join('\n');
}
