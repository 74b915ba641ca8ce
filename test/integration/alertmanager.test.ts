import {expect} from 'chai';
import {existsSync, readdirSync, readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import type {AlertResult, Result} from '../../src/verdict/result.js';
import {ensureBuilt, firedrill, type Ended} from '../support/cli.js';
import {describeWith} from '../support/needs.js';
import {until} from '../support/processes.js';
import {
  startAlertmanager,
  startExporter,
  startPrometheus,
  type TestExporter,
  type TestPrometheus,
} from '../support/prometheus.js';
import {suiteFolder} from '../support/shop.js';

const SHOPS = ['routed', 'silenced', 'elsewhere', 'inhibited'] as const;
type Shop = (typeof SHOPS)[number];

const RULES = `
groups:
  - name: shops
    interval: 1s
    rules:
      - { alert: ShopDown, expr: shop_broken == 1 }
      - { alert: InhibitedShopDown, expr: shop_broken == 1 }
      - { alert: WholeStreetDown, expr: vector(1) }
`;

const ROUTES = `
route:
  receiver: nobody
  group_wait: 1s
  routes: [ { receiver: payments, matchers: [ 'shop=~"routed|silenced"' ] } ]
receivers: [ { name: nobody }, { name: payments } ]
inhibit_rules: [ { source_matchers: [ 'alertname="WholeStreetDown"' ], target_matchers: [ 'alertname="InhibitedShopDown"' ] } ]
`;

// All runs at once: nearly all of their time is waiting.
describeWith('alertmanager', 'alerts at a real Alertmanager', () => {
  const folder = suiteFolder();
  const results = new Map<Shop, Result & {readonly alert: AlertResult}>();
  let exporter: TestExporter;
  let prometheus: TestPrometheus;
  let manager: Awaited<ReturnType<typeof startAlertmanager>>;
  let planned: Ended;
  const flagOf = (shop: Shop) => join(folder.path, `${shop}.broken`);

  function fileOf(shop: Shop, alert: string): string {
    const path = join(folder.path, `${shop}.yaml`);
    const flag = flagOf(shop);
    writeFileSync(
      path,
      `version: 1
title: ${shop}
sources: { metrics: { prometheus: "${prometheus.url}", alertmanager: "http://${manager.address}" } }
steadyState: { one: { command: { run: [echo, "1"] }, tolerance: { equals: 1 } } }
windows: { warmup: 0s, baseline: 4s, recovery: 8s }
faults: [ { name: break, command: { do: [touch, "${flag}"], undo: [rm, -f, "${flag}"], proof: [test, -e, "${flag}"] }, for: 8s } ]
expect: { alerts: [ { alert: ${alert}, from: metrics, labels: { shop: ${shop} }, when: always, within: 9s, receiver: payments } ] }
`,
    );
    return path;
  }

  async function run(shop: Shop, alert = 'ShopDown'): Promise<void> {
    const into = join(folder.path, `${shop}-runs`);
    const end = await firedrill(['run', fileOf(shop, alert), '--runs-dir', into, '--yes'], {
      FIREDRILL_STATE: join(folder.path, `${shop}-state`),
    });
    const [only = ''] = readdirSync(into);
    const result = JSON.parse(readFileSync(join(into, only, 'result.json'), 'utf8')) as Result;
    const [first] = result.alerts ?? [];
    if (first === undefined) throw new Error(`no alert in the result: ${end.stdout}${end.stderr}`);
    results.set(shop, {...result, alert: first});
  }

  const of = (shop: Shop) => {
    const result = results.get(shop);
    if (result === undefined) throw new Error(`${shop} was not run`);
    return result;
  };

  before(async function () {
    this.timeout(120_000);
    ensureBuilt();
    exporter = await startExporter(() =>
      SHOPS.map(shop => `shop_broken{shop="${shop}"} ${existsSync(flagOf(shop)) ? 1 : 0}\n`).join(''),
    );
    manager = await startAlertmanager(ROUTES);
    prometheus = await startPrometheus([exporter], {rules: RULES, alertmanager: manager.address});
    const api = `http://${manager.address}/api/v2`;
    await until('Prometheus tells the Alertmanager of its alerts', async () =>
      (await (await fetch(`${api}/alerts`)).text()).includes('WholeStreetDown'),
    );
    const silence = {
      matchers: [{name: 'shop', value: 'silenc.*', isRegex: true, isEqual: true}],
      startsAt: new Date().toISOString(),
      endsAt: new Date(Date.now() + 3_600_000).toISOString(),
      createdBy: 'ada\u001b[31m',
      comment: 'moving house',
    };
    const made = await fetch(`${api}/silences`, {
      method: 'POST',
      headers: {'content-type': 'application/json'},
      body: JSON.stringify(silence),
    });
    expect(made.status).to.equal(200);
    planned = await firedrill(['plan', fileOf('silenced', 'ShopDown')], {FIREDRILL_STATE: join(folder.path, 'plan')});
    await Promise.all([run('routed'), run('silenced'), run('elsewhere'), run('inhibited', 'InhibitedShopDown')]);
  });

  after(async () => {
    await prometheus.close();
    await manager.close();
    await exporter.close();
  });

  it('hold when they reach their receiver in time', () => {
    const {exit, alert} = of('routed');
    expect(exit).to.equal(0);
    expect(alert).to.include({outcome: 'in-time', receiver: 'payments', verdict: 'held'});
    expect(alert.routedSeconds?.atMost).to.be.within(0.1, 9);
    expect(alert.why).to.include('; the Alertmanager routed it to payments');
  });

  const MISSES: readonly (readonly [Shop, AlertResult['outcome'], string])[] = [
    ['silenced', 'silenced', 'a silence of the Alertmanager hid it'],
    ['elsewhere', 'wrong-receiver', 'the Alertmanager routed it to nobody, not to payments'],
    ['inhibited', 'inhibited', 'another alert inhibited it at the Alertmanager'],
  ];
  for (const [shop, outcome, why] of MISSES) {
    it(`deviate, with the reason, where they fire and are ${outcome}`, () => {
      const {exit, alert, findings} = of(shop);
      expect(exit).to.equal(7);
      expect(alert).to.include({outcome, verdict: 'deviated'});
      expect(alert.why).to.include(why);
      expect(findings.map(({code}) => code)).to.include('expected-alert-missed');
    });
  }

  it('are warned of by the plan where a silence hides them, whatever its author is called', () => {
    const said = planned.stdout.replaceAll(/\s+/g, ' ');
    expect(said).to.match(/a silence of ada␛\[31m until \S+ hides alert ShopDown \{shop="silenced"\}/);
    expect(said).to.include('fires for payments within 9s');
  });
});
