// What the four services of the shop share: an HTTP server with JSON logs and Prometheus metrics, and an HTTP client.
// Plain Node, no dependencies: this is the patient, not the product.
import {createServer, request} from 'node:http';

const BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** Paths that people and machines look at; not counted as traffic. */
const INTERNAL = new Set(['/healthz', '/metrics', '/stats']);

/** Counters that are told before anything has been counted. */
const ZEROS = {shop_requests_total: 0, shop_retries_total: 0, shop_stale_answers_total: 0, shop_orders_total: 0};

/** One JSON line on standard output, as a log shipper likes it. */
function logger(service) {
  return (level, message, fields = {}) =>
    process.stdout.write(`${JSON.stringify({time: new Date().toISOString(), level, service, message, ...fields})}\n`);
}

/** Counters and one latency histogram in the Prometheus text format. */
function metrics(service) {
  const counters = new Map();
  const latency = {counts: BUCKETS.map(() => 0), sum: 0, count: 0};
  return {
    count(name, labels = {}, by = 1) {
      const text = Object.entries(labels)
        .map(([key, value]) => `,${key}="${value}"`)
        .join('');
      const series = `${name}{service="${service}"${text}}`;
      counters.set(series, (counters.get(series) ?? 0) + by);
    },
    observe(seconds) {
      latency.sum += seconds;
      latency.count += 1;
      BUCKETS.forEach((limit, index) => seconds <= limit && (latency.counts[index] += 1));
    },
    /** The same counters, summed over their labels, as plain numbers. */
    totals(gauges = {}) {
      const totals = {...gauges};
      for (const [series, value] of counters) {
        const name = series.slice(0, series.indexOf('{'));
        totals[name] = (totals[name] ?? 0) + value;
      }
      return totals;
    },
    text(gauges = {}) {
      const lines = ['# TYPE shop_request_seconds histogram'];
      BUCKETS.forEach((limit, index) =>
        lines.push(`shop_request_seconds_bucket{service="${service}",le="${limit}"} ${latency.counts[index]}`),
      );
      lines.push(`shop_request_seconds_bucket{service="${service}",le="+Inf"} ${latency.count}`);
      lines.push(`shop_request_seconds_sum{service="${service}"} ${latency.sum}`);
      lines.push(`shop_request_seconds_count{service="${service}"} ${latency.count}`);
      let family = '';
      for (const [series, value] of [...counters].sort()) {
        const name = series.slice(0, series.indexOf('{'));
        if (name !== family) lines.push(`# TYPE ${name} counter`);
        family = name;
        lines.push(`${series} ${value}`);
      }
      for (const [name, value] of Object.entries(gauges)) {
        lines.push(`# TYPE ${name} gauge`, `${name}{service="${service}"} ${value}`);
      }
      return `${lines.join('\n')}\n`;
    },
  };
}

/** Sends JSON over a connection of its own and resolves with {status, body}. Without `timeoutMs` it waits for as long as the other side stays silent. */
export function call(method, url, {json, timeoutMs} = {}) {
  return new Promise((resolve, reject) => {
    const body = json === undefined ? undefined : JSON.stringify(json);
    const headers =
      body === undefined ? {} : {'content-type': 'application/json', 'content-length': Buffer.byteLength(body)};
    const sent = request(url, {method, headers, agent: false}, answer => {
      const chunks = [];
      answer.on('data', chunk => chunks.push(chunk));
      answer.on('error', reject);
      answer.on('end', () => resolve({status: answer.statusCode, body: parse(Buffer.concat(chunks).toString())}));
    });
    sent.on('error', reject);
    if (timeoutMs !== undefined) {
      const timer = setTimeout(() => sent.destroy(new Error(`no answer within ${timeoutMs} ms`)), timeoutMs);
      sent.on('close', () => clearTimeout(timer));
    }
    sent.end(body);
  });
}

function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

async function read(message) {
  const chunks = [];
  for await (const chunk of message) chunks.push(chunk);
  return parse(Buffer.concat(chunks).toString());
}

/**
 * Starts a service. `routes` maps `METHOD /path` to `({json, log, count}) => {status, body, headers}`; `gauges` is read
 * at every scrape. Listens on SHOP_HOST (default 127.0.0.1) and stops on SIGTERM and SIGINT.
 */
export function serve({name, port, routes, gauges = () => ({})}) {
  const log = logger(name);
  const meter = metrics(name);
  const answer = async message => {
    const path = message.url.split('?')[0];
    if (path === '/healthz') return {status: 200, body: {service: name, ok: true}};
    if (path === '/stats') return {status: 200, body: {...ZEROS, ...meter.totals(gauges())}};
    if (path === '/metrics') return {status: 200, text: meter.text(gauges())};
    const route = routes[`${message.method} ${path}`];
    if (route === undefined) return {status: 404, body: {error: `no ${message.method} ${path}`}};
    return route({json: await read(message), log, count: meter.count});
  };
  const server = createServer((message, response) => {
    const started = process.hrtime.bigint();
    answer(message)
      .catch(error => ({status: 500, body: {error: error.message}}))
      .then(({status, body, text, headers = {}}) => {
        const seconds = Number(process.hrtime.bigint() - started) / 1e9;
        const type = text === undefined ? 'application/json' : 'text/plain; version=0.0.4';
        response.writeHead(status, {'content-type': type, ...headers}).end(text ?? JSON.stringify(body));
        if (INTERNAL.has(message.url)) return;
        meter.observe(seconds);
        meter.count('shop_requests_total', {status});
        if (status >= 500) log('error', 'request failed', {path: message.url, status, seconds, error: body?.error});
      });
  });
  const host = process.env.SHOP_HOST ?? '127.0.0.1';
  server.on('error', error => {
    log('fatal', `cannot listen on ${host}:${port}`, {error: error.message});
    process.exit(1);
  });
  server.listen(port, host, () => log('info', 'listening', {host, port, pid: process.pid}));
  const stop = () => {
    server.close(() => process.exit(0));
    server.closeAllConnections();
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
}

/** A number from the environment. */
export function setting(name, fallback) {
  const text = process.env[name];
  if (text === undefined || text === '') return fallback;
  const value = Number(text);
  if (Number.isFinite(value)) return value;
  throw new Error(`${name} must be a number, got \`${text}\``);
}
