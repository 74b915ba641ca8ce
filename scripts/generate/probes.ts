import {PROBES} from '../../src/experiment/catalogue.generated.js';
import {LATER_PROBES} from '../../src/experiment/schema/later.js';
import {loadMetric} from '../../src/experiment/schema/load.js';
import {LOAD_COUNTS} from '../../src/experiment/sections/bounds.js';
import {fieldsTable} from './fields.js';
import {mappingsOf, toJson} from './json-schema.js';
import {code, NOTE, page, table} from './markdown.js';

/** docs/probes.md */
export function probesDoc(): string {
  const details = Object.entries(PROBES).flatMap(([name, entry]) => [
    `## ${name}`,
    entry.summary,
    ...mappingsOf(toJson(entry.parameters())).map(mapping => fieldsTable(mapping)),
  ]);
  const later = Object.entries(LATER_PROBES).filter(([name]) => !(name in PROBES));
  return page([
    '# Probes',
    NOTE,
    "A metric of `steadyState` (and a check of `expect.checks`) names one probe. Beside its own parameters a metric's probe takes `every` (default `1s`) and `timeout` (default: `every`, at least `2s`).",
    '## load',
    'Reads the traffic that the experiment itself sends, second by second. Latency counts from the intended send time.',
    ...mappingsOf(toJson(loadMetric())).map(mapping => fieldsTable(mapping)),
    `A check may compare with what a load counted between its two reads: \`\${load:NAME.COUNT}\` with ${LOAD_COUNTS.map(code).join(', ')}.`,
    ...details,
    '## Not in this version yet',
    table(
      ['probe', 'meanwhile'],
      later.map(([name, instead]) => [`\`${name}\``, instead]),
    ),
  ]);
}
