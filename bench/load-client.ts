/* One client of bench/load.ts, in a process of its own so that its processor time is its own: sends for some seconds and tells what it took as JSON.
 * Arguments: name, URL, requests per second (0: as many as it can), seconds, connections, what an open loop offers then. */
import autocannon from 'autocannon';
import {setTimeout as sleep} from 'node:timers/promises';
import {Pool} from 'undici';
import {mergeHistograms, quantileOf} from '../src/quantities/histogram.js';
import type {LoadSecond} from '../src/signals/contract.js';
import {startLoad} from '../src/signals/load/generator.js';
import {systemClock} from '../src/system/clock.js';
import {quantile, type Told} from './measuring.js';

const WARM_UP_SECONDS = 2;

interface Work {
  readonly url: string;
  /** Infinity: as many as it can. */
  readonly rate: number;
  readonly seconds: number;
  readonly connections: number;
  /** An open loop has no "as many as it can": it tries so many, and what finds no free connection is not sent. */
  readonly offered: number;
}

type Client = (work: Work) => Promise<Omit<Told, 'cpuSeconds'>>;

const firedrill: Client = async ({url, rate, seconds, connections, offered}) => {
  const http = {method: 'GET', url, headers: {}, success: [[200, 299] as const]};
  const spec = {
    name: 'bench',
    http,
    rate: rate === Infinity ? offered : rate,
    timeoutMs: 5000,
    // Flat out, as many at once as the others have connections.
    maxInFlight: rate === Infinity ? connections : 1000,
  };
  const told: LoadSecond[] = [];
  const onSecond = (second: LoadSecond) => void told.push(second);
  const load = await startLoad({spec, reveal: text => text, clock: systemClock(), onSecond});
  await sleep(seconds * 1000);
  await load.stop();
  const lags = mergeHistograms(told.map(second => second.lags ?? []));
  return {
    // Answered, as the others count; not sent.
    requests: told.reduce(
      (sum, {outcomes}) => sum + (outcomes['ok'] ?? []).reduce((all, [, count]) => all + count, 0),
      0,
    ),
    jitterP50: (quantileOf(lags, 0.5) ?? NaN) / 1000,
    jitterP99: (quantileOf(lags, 0.99) ?? NaN) / 1000,
  };
};

/** The least one could write: connections that ask again at once, or a timer of a millisecond that sends what is due. */
const bareUndici: Client = async ({url, rate, seconds, connections}) => {
  const {origin, pathname} = new URL(url);
  const flatOut = rate === Infinity;
  const pool = new Pool(origin, {connections: flatOut ? connections : 1000});
  const ask = async () => {
    const {body} = await pool.request({method: 'GET', path: pathname});
    await body.dump();
  };
  const start = performance.now();
  const lags: number[] = [];
  let requests = 0;
  if (flatOut) {
    const worker = async () => {
      for (; performance.now() - start < seconds * 1000; requests++) await ask();
    };
    await Promise.all(Array.from({length: connections}, worker));
  } else {
    const answers: Promise<unknown>[] = [];
    const total = rate * seconds;
    while (requests < total) {
      await sleep(1);
      const now = performance.now() - start;
      for (; requests < total && (requests * 1000) / rate <= now; requests++) {
        lags.push(performance.now() - start - (requests * 1000) / rate);
        answers.push(ask());
      }
    }
    await Promise.all(answers);
  }
  await pool.destroy();
  return {requests, ...(flatOut ? {} : {jitterP50: quantile(lags, 0.5), jitterP99: quantile(lags, 0.99)})};
};

const ofAutocannon: Client = async ({url, rate, seconds, connections}) => {
  const pace = rate === Infinity ? {} : {overallRate: rate};
  const result = await autocannon({url, connections, duration: seconds, ...pace});
  return {requests: result.requests.total};
};

/** The same with requests that are made for each user. */
const filling: Client = work =>
  firedrill({...work, url: `${work.url}orders/\${seq}?sku=\${pick:A1|B2|C3}&n=\${pick:1..500}`});

const CLIENTS: Readonly<Record<string, Client>> = {
  firedrill,
  'firedrill filling': filling,
  'bare undici': bareUndici,
  autocannon: ofAutocannon,
};

const [name = '', url = '', rate = '0', seconds = '1', connections = '1', offered = '1'] = process.argv.slice(2);
const client = CLIENTS[name];
if (client === undefined) throw new Error(`no client \`${name}\``);
const work = {
  url,
  rate: Number(rate) || Infinity,
  seconds: Number(seconds),
  connections: Number(connections),
  offered: Number(offered),
};
// The same once before, so that little is compiled while it is measured.
await client({...work, seconds: WARM_UP_SECONDS});
const before = process.cpuUsage();
const told = await client(work);
const used = process.cpuUsage(before);
process.send?.({...told, cpuSeconds: (used.user + used.system) / 1e6} satisfies Told);
process.disconnect();
