import {expect} from 'chai';
import {spawn, type ChildProcess} from 'node:child_process';
import {once} from 'node:events';
import {existsSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {setTimeout as delay} from 'node:timers/promises';
import type {MetricSpec} from '../../src/experiment/experiment.js';
import type {Sample} from '../../src/signals/contract.js';
import {source} from '../../src/signals/probes/prometheus/index.js';
import {startSampler} from '../../src/signals/sampler.js';
import {systemClock} from '../../src/system/clock.js';
import {judgeWindow} from '../../src/verdict/judgement/window.js';
import type {Result} from '../../src/verdict/result.js';
import {ensureBuilt, firedrill, ROOT, type Ended} from '../support/cli.js';
import {describeWith} from '../support/needs.js';
import {openProbe, probeContext} from '../support/probe-reading.js';
import {freePort, until} from '../support/processes.js';
import {suiteFolder} from '../support/shop.js';
import {startExporter, startPrometheus, type TestExporter, type TestPrometheus} from '../support/prometheus.js';

const clock = systemClock();
/** What is counted per second: requests, and which share of their latencies is at most each bound. */
const PER_SECOND = 50;
const SHARES = {'0.1': 0.6, '0.25': 0.9, '0.5': 0.99, '+Inf': 1};
/** Between 0.25 s (90 %) and 0.5 s (99 %), evenly. */
const P95_MS = 250 + (250 * 5) / 9;

const FORMS = {
  rate: {rate: 'orders_total{shop="a"}'},
  'of all': {rate: 'requests_total'},
  errors: {bad: 'requests_total{shop="a", status=~"5.."}', total: 'requests_total{shop="a"}'},
  idle: {bad: 'idle_total{shop="a", status="500"}', total: 'idle_total{shop="a"}'},
  p95: {buckets: 'latency_seconds_bucket{shop="a"}', quantile: '95%'},
  depth: {value: 'queue_depth{shop="a"}', subject: 'queue'},
} as const;
type Name = keyof typeof FORMS;

/** A shop whose counters grow with the clock. What it has answered a scrape with is the truth. */
class Shop {
  /** Orders that were ever counted, restarts included. */
  readonly orders: {readonly atMs: number; readonly ever: number}[] = [];
  down = false;
  private readonly startMs = Date.now();
  private counted = {requests: 0, bad: 0};
  private before = 0;

  constructor(
    private readonly name: string,
    private readonly flag: string,
  ) {}

  /** A process that comes back counts from zero. */
  restart(): void {
    this.before = this.ever();
  }

  text(): string | undefined {
    if (this.down) return undefined;
    const {requests, bad} = this.count();
    const orders = this.ever() - this.before;
    this.orders.push({atMs: Date.now(), ever: this.ever()});
    const of = (name: string, value: number, labels = '') => `${name}{shop="${this.name}"${labels}} ${value}`;
    return [
      of('orders_total', orders),
      of('requests_total', requests - bad, ',status="200"'),
      ...(bad === 0 ? [] : [of('requests_total', bad, ',status="500"')]),
      ...Object.entries(SHARES).map(([le, share]) =>
        of('latency_seconds_bucket', Math.round(requests * share), `,le="${le}"`),
      ),
      of('idle_total', 7, ',status="200"'),
      of('queue_depth', 3, ',queue="a"'),
      of('queue_depth', 4, ',queue="b"'),
      '',
    ].join('\n');
  }

  private ever(): number {
    return Math.floor(((Date.now() - this.startMs) / 1000) * PER_SECOND);
  }

  /** Every third request fails while the flag is there. */
  private count(): {requests: number; bad: number} {
    const requests = this.ever();
    const more = requests - this.counted.requests;
    const bad = this.counted.bad + (existsSync(this.flag) ? Math.round(more / 3) : 0);
    this.counted = {requests, bad};
    return this.counted;
  }
}

/** Of one shop only, so that the other one may be away meanwhile. */
function experiment(url: string, flag: string, counter: string): string {
  return `version: 1
title: Customers do not notice
sources: { metrics: { prometheus: "${url}" } }
targets: {}
minimumTraffic: 5/s
steadyState:
  errors:
    prometheus: { from: metrics, bad: '${counter}{shop="a", status=~"5.."}', total: '${counter}{shop="a"}' }
    tolerance: { below: 5% }
  p95:
    prometheus: { from: metrics, buckets: 'latency_seconds_bucket{shop="a"}', quantile: 95% }
    tolerance: { below: 500ms }
windows: { warmup: 0s, baseline: { lookBack: 4s }, recovery: 15s }
faults:
  - name: break
    command: { do: [touch, '${flag}'], undo: [rm, -f, '${flag}'], proof: [test, -e, '${flag}'] }
    for: 5s
`;
}

interface Demo {
  readonly gateway: number;
  /** Of the process that answers for the stock. */
  readonly inventoryPid: number;
  close(): Promise<void>;
}

/** Two services of the demo shop, with customers who ask the gateway for what it does not have. */
async function startDemo(): Promise<Demo> {
  const [gateway, inventory] = [await freePort(), await freePort()];
  const environment = {...process.env, SHOP_GATEWAY_PORT: String(gateway), SHOP_INVENTORY_PORT: String(inventory)};
  const children: readonly ChildProcess[] = ['gateway', 'inventory'].map(name =>
    spawn(process.execPath, [join(ROOT, `demo/shop/${name}.js`)], {env: environment, stdio: 'ignore'}),
  );
  const ask = () => fetch(`http://127.0.0.1:${gateway}/nothing`).then(response => response.text());
  const customers = setInterval(() => void ask().catch(() => undefined), 100);
  await until('the shop answers', () =>
    ask().then(
      () => true,
      () => false,
    ),
  );
  return {
    gateway,
    inventoryPid: children[1]?.pid ?? 0,
    close: async () => {
      clearInterval(customers);
      for (const child of children) {
        const gone = once(child, 'exit');
        child.kill('SIGKILL');
        await gone;
      }
    },
  };
}

describeWith('prometheus', 'a real Prometheus', () => {
  const seen: Record<string, (Sample & {readonly subject: string | undefined})[]> = {};
  const {path: folder} = suiteFolder();
  const flag = join(folder, 'flag');
  const shop = new Shop('a', flag);
  const other = new Shop('b', flag);
  let exporters: readonly TestExporter[] = [];
  let demo: Demo | undefined;
  let plan: Ended;
  let prometheus: TestPrometheus | undefined;
  let run: Ended;
  let idle: Ended;
  let past: readonly Sample[] = [];
  let killedUs = 0;
  let readUs = 0;

  const context = () => probeContext({sources: {metrics: {prometheus: prometheus?.url ?? ''}}});
  const open = (name: Name) => openProbe(source, {from: 'metrics', ...FORMS[name]}, context());
  const spec = (name: Name, more: Partial<MetricSpec> = {}): MetricSpec => ({
    name,
    source: 'prometheus',
    parameters: source.parameters().parse({from: 'metrics', ...FORMS[name]}) as MetricSpec['parameters'],
    everyMs: 1000,
    timeoutMs: 2000,
    unit: 'ratio',
    worse: 'higher',
    judge: [],
    ...more,
  });
  const samplesOf = (name: Name) => seen[name] ?? [];
  const valuesOf = (name: Name) => samplesOf(name).flatMap(({value}) => value ?? []);
  const data = (name: Name) => ({series: [{id: 0, metric: name, samples: samplesOf(name)}], loads: []});

  async function runOf(counter: string): Promise<Ended> {
    const file = join(folder, `${counter}.yaml`);
    writeFileSync(file, experiment(prometheus?.url ?? '', flag, counter));
    return firedrill(['run', file, '--yes', '--json', '--quiet', '--runs-dir', join(folder, 'runs')]);
  }

  before(async function () {
    ensureBuilt();
    exporters = [await startExporter(() => shop.text()), await startExporter(() => other.text())];
    demo = await startDemo();
    prometheus = await startPrometheus([...exporters, {port: demo.gateway}]);
    await until('there are scrapes to look back on', () => shop.orders.length >= 6, 60_000);
    const probes = await Promise.all(
      (Object.keys(FORMS) as Name[]).map(async name => [name, await open(name)] as const),
    );
    readUs = clock.mono();
    const samplers = probes.map(([name, probe]) =>
      startSampler({
        probe,
        everyMs: 1000,
        timeoutMs: 2000,
        clock,
        onSample: (subject, sample) => (seen[name] ??= []).push({...sample, subject}),
      }),
    );
    const runs = runOf('requests_total').then(ended => (run = ended));
    await delay(2000);
    idle = await runOf('idle_total');
    const pidFile = join(folder, 'inventory.pid');
    writeFileSync(pidFile, String(demo.inventoryPid));
    plan = await firedrill(['plan', 'experiments/prometheus-freeze-inventory.yaml'], {
      PROMETHEUS_URL: prometheus.url,
      SHOP_INVENTORY_PID_FILE: pidFile,
    });
    shop.restart();
    await delay(3000);
    other.down = true;
    await delay(6500);
    other.down = false;
    await runs;
    killedUs = clock.mono();
    await prometheus.kill();
    await until(
      'all probes have given up',
      () => (Object.keys(FORMS) as Name[]).every(name => samplesOf(name).at(-1)?.why?.includes('refused') === true),
      30_000,
    );
    await Promise.all(samplers.map(sampler => sampler.stop()));
    await Promise.all(probes.map(([, probe]) => probe.close()));
    await prometheus.start();
    const probe = await open('errors');
    const readings = await probe.history?.({fromUs: readUs, toUs: killedUs}, AbortSignal.timeout(20_000));
    past = (readings ?? []).map(({at = 0, ...reading}) => ({t: at, d: 0, ...reading}));
    await probe.close();
  });

  after(async () => {
    await prometheus?.close();
    await demo?.close();
    for (const exporter of exporters) await exporter.close();
  });

  it('has its counters as growth per second, over the restart of a process', () => {
    const bins = samplesOf('rate').filter(({value, lasts, t}) => value !== null && lasts !== undefined && t > readUs);
    expect(bins.length).to.be.above(5);
    for (const {value} of bins) expect(value).to.be.within(0, 5 * PER_SECOND);
    // The shop restarted: of that second only what came after is known.
    const usual = valuesOf('rate').sort((a, b) => a - b)[Math.floor(valuesOf('rate').length / 2)];
    expect(usual).to.be.within(0.7 * PER_SECOND, 1.3 * PER_SECOND);
  });

  it('tells bins one after the other, each once', () => {
    for (const name of ['rate', 'errors', 'idle', 'p95'] as const) {
      const times = samplesOf(name).map(({t}) => t);
      for (const [i, t] of times.slice(1).entries()) expect(t - (times[i] ?? 0), name).to.equal(1_000_000);
    }
  });

  it('does not take a target that cannot be scraped for a drop', () => {
    const whys = samplesOf('of all').flatMap(({t, why}) => (t < killedUs && why !== undefined ? [why] : []));
    expect(
      whys.some(why => /^\{instance="127\.0\.0\.1:\d+", job="shop", shop="b", …\} cannot be scraped$/.test(why)),
    ).to.equal(true);
    const least = Math.min(...valuesOf('of all'));
    expect(least).to.be.above(1.2 * PER_SECOND);
  });

  it('has an error ratio of what was counted, from the first error on', () => {
    const counted = samplesOf('errors').flatMap(({counted}) =>
      counted !== undefined && 'bad' in counted ? [counted] : [],
    );
    const bad = counted.reduce((sum, bin) => sum + bin.bad, 0);
    expect(counted[0]?.bad).to.equal(0);
    expect(bad).to.be.above(0);
    const window = {fromUs: readUs, toUs: killedUs};
    const {value, verdict, why} = judgeWindow(
      spec('errors', {tolerance: {below: 0.01, settlesWithinMs: 0}}),
      data('errors'),
      window,
    );
    const total = counted.reduce((sum, bin) => sum + bin.total, 0);
    expect([verdict, why]).to.deep.equal(['deviated', why]);
    expect(value).to.be.closeTo(bad / total, 0.05);
  });

  it('says nothing about errors without traffic', () => {
    const window = {fromUs: readUs, toUs: killedUs};
    const judged = judgeWindow(spec('idle', {tolerance: {below: 0.01, settlesWithinMs: 0}}), data('idle'), window);
    expect(judged).to.include({
      value: null,
      verdict: 'inconclusive',
      why: 'no traffic: nothing was counted in this window',
    });
  });

  it('has a quantile of all that was observed', () => {
    const window = {fromUs: readUs, toUs: killedUs};
    const {value} = judgeWindow(spec('p95', {unit: 'ms'}), data('p95'), window);
    expect(value).to.be.closeTo(P95_MS, 15);
  });

  it('has a gauge by its label, each series on its own', () => {
    const subjects = [...new Set(samplesOf('depth').map(({subject}) => subject))];
    expect(subjects).to.deep.equal(['a', 'b']);
  });

  it('that dies leaves missing bins with the reason', () => {
    const last = samplesOf('errors').at(-1);
    expect(last?.why).to.equal('Prometheus: connection refused');
    expect(last?.t).to.be.above(killedUs - 10e6);
  });

  it('reads the past as it was told when it was the present', () => {
    const present = samplesOf('errors').filter(({t, value}) => value !== null && t > readUs);
    const [fromUs, toUs] = [present[0]?.t ?? 0, (present.at(-1)?.t ?? 0) + 1e6];
    const between = (samples: readonly Sample[]) => ({series: [{id: 0, metric: 'errors', samples}], loads: []});
    const [then, now] = [past, samplesOf('errors')].map(samples => {
      const {value, samples: bins} = judgeWindow(spec('errors'), between(samples), {fromUs, toUs});
      return {value: value ?? -1, bins};
    });
    expect(now?.bins).to.be.above(5);
    expect(then?.bins).to.be.closeTo(now?.bins ?? 0, 2);
    expect(then?.value).to.be.closeTo(now?.value ?? 0, 0.05);
  });

  it('lets a run look back for its baseline and judge traffic that is not ours', () => {
    const result = JSON.parse(run.stdout) as Result;
    expect([run.code, result.verdict], run.stderr).to.deep.equal([7, 'deviated']);
    const errors = result.metrics.find(({name}) => name === 'errors');
    const [baseline, fault] = errors?.intervals ?? [];
    expect(baseline).to.include({kind: 'baseline', value: 0});
    expect(fault?.value).to.be.within(0.1, 0.4);
    expect(result.metrics.find(({name}) => name === 'p95')?.verdict).to.equal('held');
  });

  it('answers the plan of the example with what customers do', () => {
    expect(plan.code, `${plan.stdout}${plan.stderr}`).to.equal(0);
    expect(plan.stdout).to.match(/gateway errors .* 0%$/m);
    expect(plan.stdout).to.match(/gateway latency p95 .* [\d.]+ms$/m);
    expect(plan.stdout).to.match(/gateway requests .* [\d.]+\/s$/m);
  });

  it('injects nothing where there is no traffic', () => {
    expect(idle.code, idle.stderr).to.equal(8);
    expect(idle.stdout).to.include('no traffic: nothing was counted in this window');
  });
});
