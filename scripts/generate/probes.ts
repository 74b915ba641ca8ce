import {PROBES} from '../../src/experiment/catalogue.generated.js';
import {LATER_PROBES} from '../../src/experiment/schema/later.js';
import {derivedMetric} from '../../src/experiment/schema/derived.js';
import {loadMetric} from '../../src/experiment/schema/load.js';
import {LOAD_COUNTS} from '../../src/experiment/load-reference.js';
import type {ProbeSource} from '../../src/signals/contract.js';
import {fieldsTable} from './fields.js';
import {mappingsOf, toJson} from './json-schema.js';
import {code, fence, NOTE, page, table} from './markdown.js';

function opensTable(probes: readonly ProbeSource[]): string {
  const rows = probes.map(({name, opens}) => [`\`${name}\``, opens.anew, opens.kept]);
  const load = [
    '`load`',
    'a connection wherever none is idle; with the header `connection: close` for each request',
    'connections, as `http`',
  ];
  return table(['probe', 'each read opens anew', 'it goes on with'], [load, ...rows]);
}

const DERIVED_EXAMPLE = `steadyState:
  replication lag: { metric: { difference: [primary offset, replica offset] }, tolerance: { below: 1MiB } }
  retried orders: { metric: { share: retries, of: orders }, tolerance: { below: 5% } }`;

function laterTable(later: readonly (readonly [string, string])[]): string {
  return table(
    ['probe', 'meanwhile'],
    later.map(([name, instead]) => [`\`${name}\``, instead]),
  );
}

/** docs/probes.md */
export function probesDoc(probes: readonly ProbeSource[]): string {
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
    '## What a read opens anew',
    'A server that takes nobody new (too many connections, no process to serve them) goes on serving those that it has. So availability, `measure: up`, is always asked on a new connection.',
    opensTable(probes),
    'Host names are looked up for each new connection. All addresses of a name count: the next one is tried beside one that has not answered for 250 ms (RFC 8305), and none is given up before the `timeout` of the file. So a server gives the same values by name and by address, IPv4 and IPv6. Only the operating system gives up earlier, after about two minutes without any answer.',
    '## How an HTTP answer is read',
    'By `http` and by loads alike, see [load](load.md#answers).',
    '## load',
    'Reads the traffic that the experiment itself sends, second by second. Latency counts from the intended send time.',
    ...mappingsOf(toJson(loadMetric())).map(mapping => fieldsTable(mapping)),
    `A check may compare with what a load counted between its two reads: \`\${load:NAME.COUNT}\` with ${LOAD_COUNTS.map(code).join(', ')}. Such a check is read before the first request is sent and once the last has ended, so that none is under way; a value that requests without an answer (timed out, reset) may have raised above \`accepted\` leaves it open, one below \`accepted\` is a loss.`,
    '## metric',
    'Makes a number of other metrics of the file. Each of its values stands for the time `every` and is made of the newest values that the others had at the end of it, once all of them have told it: of a load of its last whole second, by its own measure. Where one of them has no value there is none, for the same reason; a failure of the target stays one. A division by zero has none either. The units of a sum, a difference and a share must be the same; a ratio of two units is a plain number. A check cannot name one.',
    ...mappingsOf(toJson(derivedMetric())).map(mapping => fieldsTable(mapping)),
    fence(DERIVED_EXAMPLE),
    ...details,
    ...(later.length === 0 ? [] : ['## Not in this version yet', laterTable(later)]),
  ]);
}
