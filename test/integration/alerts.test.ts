import {expect} from 'chai';
import {existsSync, readdirSync, readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import type {Event} from '../../src/record/events.js';
import {parseEvents} from '../../src/record/reader.js';
import type {AlertResult, Result} from '../../src/verdict/result.js';
import {ensureBuilt, firedrill, startFiredrill, type Ended} from '../support/cli.js';
import {startHttpServer, type TestServer} from '../support/http-server.js';
import {describeWith} from '../support/needs.js';
import {until} from '../support/processes.js';
import {startExporter, startPrometheus, type TestExporter, type TestPrometheus} from '../support/prometheus.js';
import {suiteFolder} from '../support/shop.js';

interface Run extends Ended {
  readonly events: readonly Event[];
  readonly result: Result;
  readonly report: string;
  /** The first alert of the file. */
  readonly alert: AlertResult;
}

interface Options {
  /** Address of the source; default: Prometheus itself. */
  readonly from?: string;
  /** The steady state; default: one that nothing moves. */
  readonly metric?: string;
  readonly forMs?: string;
}

/** Each case breaks a shop of its own: whether it is broken is what the exporter tells Prometheus. */
const SHOPS = [
  'quick',
  'pinned',
  'quiet',
  'slow',
  'pending',
  'norule',
  'broken',
  'never',
  'sticky',
  'forbidden',
  'guarded',
  'already',
  'unread',
  'blind',
] as const;
type Shop = (typeof SHOPS)[number];

const RULES = `
groups:
  - name: shops
    interval: 1s
    rules:
      - { alert: ShopDown, expr: shop_broken == 1, labels: { severity: page }, annotations: { summary: "<b>\\u001b[31m{{ $labels.shop }}" } }
      - { alert: ShopDownFor4s, expr: shop_broken == 1, for: 4s }
      - { alert: ShopDownForAMinute, expr: shop_broken == 1, for: 1m }
      - { alert: ShopDownLately, expr: "max_over_time(shop_broken[5m]) == 1" }
      - { alert: ShopOnFire, expr: shop_broken > 5 }
      - { alert: ShopBadRule, expr: "shop_broken * on(job) shop_broken" }
      - { alert: AlwaysFiring, expr: vector(1) }
`;

// All runs at once: nearly all of their time is waiting.
describeWith('prometheus', 'alerts of a real Prometheus around a fault', () => {
  const folder = suiteFolder();
  let exporter: TestExporter;
  let prometheus: TestPrometheus;
  const flaky = new Map<Shop, TestServer>();
  let planned: Ended;
  const runs = new Map<Shop, Run>();

  const flagOf = (shop: Shop) => join(folder.path, `${shop}.broken`);

  /** A file whose fault breaks the shop for 8 s; its only metric stays as it is, unless it looks at the shop. */
  function fileOf(shop: Shop, rest: string, options: Options = {}): string {
    const {
      from = prometheus.url,
      forMs = '8s',
      metric = 'one: { command: { run: [echo, "1"] }, tolerance: { equals: 1 } }',
    } = options;
    const flag = flagOf(shop);
    const path = join(folder.path, `${shop}.yaml`);
    writeFileSync(
      path,
      `version: 1
title: ${shop}
sources: { metrics: { prometheus: "${from}" } }
steadyState: { ${metric} }
windows: { warmup: 0s, baseline: 4s, recovery: 12s }
faults: [ { name: break, command: { do: [touch, "${flag}"], undo: [rm, -f, "${flag}"], proof: [test, -e, "${flag}"] }, for: ${forMs} } ]
${rest}
`,
    );
    return path;
  }

  async function run(shop: Shop, rest: string, options: Options = {}): Promise<void> {
    const path = fileOf(shop, rest, options);
    const into = join(folder.path, `${shop}-runs`);
    const environment = {FIREDRILL_STATE: join(folder.path, `${shop}-state`)};
    const end = await startFiredrill(['run', path, '--runs-dir', into, '--yes'], environment).ended;
    const [only = ''] = readdirSync(into);
    const read = (name: string) => readFileSync(join(into, only, name), 'utf8');
    const result = JSON.parse(read('result.json')) as Result;
    const [alert] = result.alerts ?? [];
    if (alert === undefined) throw new Error(`no alert in the result: ${end.stdout}${end.stderr}`);
    const {events} = parseEvents(read('events.ndjson'));
    runs.set(shop, {...end, events, result, alert, report: read('report.md')});
  }

  const of = (shop: Shop): Run => {
    const found = runs.get(shop);
    if (found === undefined) throw new Error(`${shop} was not run`);
    return found;
  };
  const expecting = (alert: string, shop: Shop, rest: string) =>
    `expect: { alerts: [ { alert: ${alert}, from: metrics, labels: { shop: ${shop} }, when: always, ${rest} } ] }`;

  /** In front of Prometheus, and gone while this shop is broken. */
  function startFlaky(shop: Shop): Promise<TestServer> {
    return startHttpServer((request, response) => {
      if (existsSync(flagOf(shop))) {
        request.socket.destroy();
        return;
      }
      void fetch(`${prometheus.url}${request.url ?? ''}`).then(async answer =>
        response.writeHead(answer.status, {'content-type': 'application/json'}).end(await answer.text()),
      );
    });
  }

  before(async function () {
    this.timeout(180_000);
    ensureBuilt();
    exporter = await startExporter(() =>
      SHOPS.map(shop => `shop_broken{shop="${shop}"} ${existsSync(flagOf(shop)) ? 1 : 0}\n`).join(''),
    );
    prometheus = await startPrometheus([exporter], {rules: RULES});
    await until('the rules have been evaluated', async () => {
      const rules = await (await fetch(`${prometheus.url}/api/v1/rules?type=alert`)).text();
      return rules.includes('"health":"err"') && !rules.includes('"health":"unknown"') && rules.includes('"firing"');
    });
    for (const shop of ['unread', 'blind'] as const) flaky.set(shop, await startFlaky(shop));
    const from = (shop: Shop) => ({from: flaky.get(shop)?.url.replace(/\/$/, '') ?? ''});
    planned = await firedrill(
      [
        'plan',
        fileOf(
          'slow',
          expecting('ShopDownForAMinute', 'slow', 'within: 18s') + '\nguards: [ { alert: NoSuch, from: metrics } ]',
        ),
      ],
      {FIREDRILL_STATE: join(folder.path, 'plan-state')},
    );
    const looking = `shop: { command: { run: [sh, -c, "test -e ${flagOf('pinned')} && echo 1 || echo 0"], every: 500ms }, tolerance: { below: 1 } }`;
    await Promise.all([
      run('quick', expecting('ShopDown', 'quick', 'within: 8s, resolvesWithin: 12s')),
      run('pinned', 'expect: { verdict: deviated, alerts: [ { alert: ShopOnFire, from: metrics, within: 6s } ] }', {
        metric: looking,
      }),
      run('quiet', `expect: { alerts: [ { alert: ShopDown, from: metrics, labels: { shop: quiet }, within: 8s } ] }`),
      run('slow', expecting('ShopDownFor4s', 'slow', 'within: 1s')),
      run('pending', expecting('ShopDownForAMinute', 'pending', 'within: 7s')),
      run('norule', expecting('ShopDwon', 'norule', 'within: 7s')),
      run('broken', expecting('ShopBadRule', 'broken', 'within: 7s')),
      run('never', expecting('ShopOnFire', 'never', 'within: 7s')),
      run('sticky', expecting('ShopDownLately', 'sticky', 'within: 8s, resolvesWithin: 4s')),
      run('forbidden', 'expect: { forbid: [ { alert: ShopDown, from: metrics, labels: { shop: forbidden } } ] }'),
      run('guarded', 'guards: [ { alert: ShopDown, from: metrics, labels: { shop: guarded } } ]'),
      run('already', expecting('AlwaysFiring', 'already', 'within: 7s').replace('labels: { shop: already }, ', '')),
      run('unread', expecting('ShopOnFire', 'unread', 'within: 7s'), from('unread')),
      run('blind', 'guards: [ { alert: ShopOnFire, from: metrics } ]', {...from('blind'), forMs: '16s'}),
    ]);
  });

  after(async () => {
    for (const server of flaky.values()) await server.close();
    await prometheus.close();
    await exporter.close();
  });

  it('holds when the alert fires and resolves in time, and measures both as intervals', () => {
    const {code, stdout, alert, result, report} = of('quick');
    expect(code, stdout).to.equal(0);
    expect(alert).to.include({outcome: 'in-time', resolution: 'in-time', verdict: 'held'});
    expect(alert.firedSeconds?.atLeast).to.be.at.most(alert.firedSeconds?.atMost ?? 0);
    expect(alert.firedSeconds?.atMost).to.be.within(0.1, 8);
    expect(alert.resolvedSeconds?.atMost).to.be.within(0.1, 12);
    expect(result.detection).to.match(/Alert ShopDown \{shop="quick"\}: it fired .* after the fault came into force/);
    expect(result.timeline.filter(({kind}) => kind === 'alert').map(({what}) => what)).to.deep.equal([
      'Alerts of metrics: ShopDown {shop="quick"} is inactive.',
      'Alerts of metrics: ShopDown {shop="quick"} is firing.',
      'Alerts of metrics: ShopDown {shop="quick"} is inactive.',
    ]);
    expect(report).to.include('| ShopDown {shop="quick"} | fires within 8s; resolves within 12s |');
    expect(stdout).to.match(/✔ +ShopDown \{shop="quick"\} +it fired/);
  });

  it('counts as not due where the steady state did not deviate, and says that it fired all the same', () => {
    const {code, alert} = of('quiet');
    expect(code).to.equal(0);
    expect(alert).to.include({outcome: 'not-due', verdict: 'held', when: 'deviated'});
    expect(alert.why).to.equal('not due: the steady state did not deviate, and it fired all the same');
  });

  /** What a miss is told as: its reason, the finding, and the first thing to do. */
  const MISSES: readonly (readonly [Shop, AlertResult['outcome'], RegExp, RegExp, RegExp])[] = [
    ['slow', 'late', /it fired .* later than the 1s that are allowed/, /fired late/, /Shorten what ShopDownFor4s/],
    [
      'pending',
      'pending-only',
      /it became pending .* true for 1m/,
      /was pending and did not fire/,
      /Shorten the `for`/,
    ],
    ['norule', 'no-rule', /no alerting rule of `metrics` has this name/, /has no rule/, /Add the rule ShopDwon/],
    ['broken', 'rule-unhealthy', /could not be evaluated: .*many-to-many/, /cannot be evaluated/, /Repair the rule/],
    ['never', 'never-fired', /its condition was not true/, /did not fire/, /Compare the query of ShopOnFire/],
  ];
  for (const [shop, outcome, why, title, first] of MISSES) {
    it(`deviates, with the reason and what to do first, where the alert is ${outcome}`, () => {
      const {code, stdout, alert, result} = of(shop);
      expect(code, stdout).to.equal(7);
      expect(result.verdict).to.equal('deviated');
      expect(alert).to.include({outcome, verdict: 'deviated'});
      expect(alert.why).to.match(why);
      const found = result.findings.find(({code: rule}) => rule === 'expected-alert-missed');
      expect(found?.title).to.match(title);
      expect(found?.actions[0]?.what).to.match(first);
      expect(result.headline).to.match(/^DEVIATED: alert Shop/);
    });
  }

  it('says that an alert which fired did not resolve in time', () => {
    const {code, alert, result} = of('sticky');
    expect(code).to.equal(7);
    expect(alert).to.include({outcome: 'in-time', resolution: 'never', verdict: 'deviated'});
    expect(alert.resolvedSeconds?.atLeast).to.be.at.least(4);
    expect(result.findings.map(({code: rule}) => rule)).to.include('alert-not-resolved');
  });

  it('does not take a pinned weakness for a pass where nobody was told of it', () => {
    const {code, result, alert} = of('pinned');
    expect(result).to.include({verdict: 'deviated', expected: 'deviated'});
    expect(alert).to.include({outcome: 'never-fired', when: 'deviated'});
    expect(code).to.equal(7);
    expect(result.headline).to.match(/^DEVIATED: alert ShopOnFire: it did not fire/);
  });

  it('deviates when a forbidden alert fires', () => {
    const {code, alert, result} = of('forbidden');
    expect(code).to.equal(7);
    expect(alert).to.include({role: 'forbidden', outcome: 'fired', verdict: 'deviated'});
    expect(result.findings.map(({code: rule}) => rule)).to.include('forbidden-alert-fired');
  });

  it('stops the run when a guarded alert fires, and undoes', () => {
    const {code, alert, result} = of('guarded');
    expect(code).to.equal(4);
    expect(alert).to.include({role: 'guard', outcome: 'fired', verdict: null});
    expect(result.end.detail).to.equal('guard on alert ShopDown {shop="guarded"}: it fires');
    expect(existsSync(flagOf('guarded'))).to.equal(false);
  });

  it('stops the run when a guard sees nothing of its alert any more', () => {
    const {code, result} = of('blind');
    expect(code).to.equal(4);
    expect(result.end.detail).to.match(/^guard on alert ShopOnFire: for 10s nothing is known of it \(Prometheus: .*\)/);
    expect(existsSync(flagOf('blind'))).to.equal(false);
  });

  it('injects nothing while an alert that it expects is firing already', () => {
    const {code, result, alert} = of('already');
    expect(code).to.equal(8);
    expect(result.end.detail).to.match(/^alert AlwaysFiring fires already: nobody could say/);
    expect(alert).to.include({outcome: 'not-due', verdict: null, why: 'nothing was injected'});
  });

  it('is inconclusive, and no miss, where the source could not be read in the time that counts', () => {
    const {code, alert, result} = of('unread');
    expect(code).to.equal(5);
    expect(alert).to.include({outcome: 'unread', verdict: 'inconclusive'});
    expect(result.findings.map(({code: rule}) => rule)).not.to.include('expected-alert-missed');
    expect(result.timeline.map(({what}) => what).join('\n')).to.include(
      'Alerts of metrics cannot be read: Prometheus:',
    );
  });

  it('plans: what fires already, what has no rule, what a fault this short can hardly be noticed by', () => {
    expect(planned.code).to.equal(0);
    const said = planned.stdout.replaceAll(/\s+/g, ' ');
    expect(said).to.include(
      'may not notice a fault of 8s: it can take 1m2s until it fires (a scrape every 1s, an evaluation every 1s, `for` 1m)',
    );
    expect(said).to.include(
      'alert NoSuch: `metrics` has no such alerting rule, so the guard would protect nothing; a run would be refused',
    );
    expect(said).to.include('ShopDownForAMinute {shop="slow"} alert of metrics fires within 18s');
  });
});
