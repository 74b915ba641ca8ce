import {PROBES} from '../../src/experiment/catalogue.generated.js';
import {LATER_PROBES} from '../../src/experiment/schema/later.js';
import {loadMetric} from '../../src/experiment/schema/load.js';
import {LOAD_COUNTS} from '../../src/experiment/load-reference.js';
import {fieldsTable} from './fields.js';
import {mappingsOf, toJson} from './json-schema.js';
import {code, NOTE, page, table} from './markdown.js';

/** What each read opens anew, and what it goes on with: a kept connection says nothing about who comes new. */
const OPENS: Readonly<Record<string, readonly [anew: string, kept: string]>> = {
  command: ['a process', 'nothing'],
  dns: ['a resolver and its socket', 'nothing; names are not cached'],
  docker: ['nothing', 'the connection to the engine, which is not the target'],
  http: [
    'with `measure: up` a connection (and TLS session), for each redirect too; else only what the server has closed',
    'with `latency`, `status` and `number` the connections, for 4 s of idleness or as long as the server says',
  ],
  kubernetes: ['a connection to the API server, for each request', 'nothing'],
  process: ['nothing is connected: it reads `/proc`', 'nothing'],
  prometheus: ['only what the server has closed', 'the connection to Prometheus, which is not the target'],
  sql: [
    'with `measure: up` a connection with its login; else only what was lost',
    'with `latency` and `number` one session',
  ],
  tcp: ['a connection', 'nothing'],
  tls: ['a connection and a full handshake', 'nothing; no session is resumed'],
};

function opensTable(): string {
  const rows = Object.keys(PROBES).map(name => {
    const [anew, kept] = OPENS[name] ?? [];
    if (anew === undefined || kept === undefined)
      throw new Error(`expected \`OPENS\` to say what \`${name}\` opens anew`);
    return [`\`${name}\``, anew, kept];
  });
  const load = [
    '`load`',
    'a connection wherever none is idle; with the header `connection: close` for each request',
    'connections, as `http`',
  ];
  return table(['probe', 'each read opens anew', 'it goes on with'], [load, ...rows]);
}

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
    '## What a read opens anew',
    'A server that takes nobody new (too many connections, no process to serve them) goes on serving those that it has. So availability, `measure: up`, is always asked on a new connection.',
    opensTable(),
    'Host names are looked up for each new connection. All addresses of a name count: the next one is tried beside one that has not answered for 250 ms (RFC 8305), and none is given up before the `timeout` of the file. So a server gives the same values by name and by address, IPv4 and IPv6. Only the operating system gives up earlier, after about two minutes without any answer.',
    '## How an HTTP answer is read',
    'By `http` and by loads alike, see [load](load.md#answers).',
    '## load',
    'Reads the traffic that the experiment itself sends, second by second. Latency counts from the intended send time.',
    ...mappingsOf(toJson(loadMetric())).map(mapping => fieldsTable(mapping)),
    `A check may compare with what a load counted between its two reads: \`\${load:NAME.COUNT}\` with ${LOAD_COUNTS.map(code).join(', ')}. Such a check is read before the first request is sent and once the last has ended, so that none is under way; a value that requests without an answer (timed out, reset) may have raised above \`accepted\` leaves it open, one below \`accepted\` is a loss.`,
    ...details,
    '## Not in this version yet',
    table(
      ['probe', 'meanwhile'],
      later.map(([name, instead]) => [`\`${name}\``, instead]),
    ),
  ]);
}
