import {expect} from 'chai';
import {mkdirSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {parseExperiment} from '../../src/experiment/parse.js';
import {ensureBuilt, firedrill} from '../support/cli.js';
import {summary} from '../support/history.js';
import {describeWith} from '../support/needs.js';
import {until} from '../support/processes.js';
import {startPrometheus, type TestPrometheus} from '../support/prometheus.js';
import {suiteFolder} from '../support/shop.js';

const RULES = `
groups:
  - name: shop
    interval: 1s
    rules:
      - { alert: CheckoutSlow, expr: vector(1), for: 1h }
      - { alert: CheckoutDown, expr: "vector(0) > 1" }
`;

describeWith('prometheus', 'the audit of alerting rules', () => {
  const folder = suiteFolder();
  let prometheus: TestPrometheus;
  const runsDir = join(folder.path, 'runs');
  const audit = (...args: readonly string[]) =>
    firedrill(['alerts', ...args, '--runs-dir', runsDir], {FIREDRILL_STATE: join(folder.path, 'state')});

  before(async () => {
    ensureBuilt();
    prometheus = await startPrometheus([], {rules: RULES});
    const read = async () => (await audit('--from', prometheus.url, '--json')).stdout.includes('"pending"');
    await until('the alert is pending', read);
    const run = join(runsDir, '20260301-090000-abcd');
    mkdirSync(run, {recursive: true});
    writeFileSync(join(run, 'events.ndjson'), '');
    const seen = {
      outcome: 'in-time',
      verdict: 'held',
      firedSeconds: 12,
      resolvedSeconds: 30,
      receiver: 'payments',
    } as const;
    const told = summary({run: '20260301-090000-abcd', eventsBytes: 0, alerts: [{alert: 'CheckoutSlow', ...seen}]});
    writeFileSync(join(run, 'summary.json'), JSON.stringify(told));
  });
  after(async () => prometheus.close());

  it('says of each rule how it stands, whether a run ever proved it, how fast and to whom', async () => {
    const {code, stdout, stderr} = await audit('--from', prometheus.url);
    expect(code, stderr).to.equal(0);
    expect(stdout).to.match(
      /^CheckoutSlow +pending +1h +\d+ days ago, fired to payments within 12s, over within 30s, by 20260301-090000-abcd$/m,
    );
    expect(stdout).to.match(/^CheckoutDown +inactive +0s +never$/m);
    expect(stdout).to.include('1 of 2 alerting rules are proven by a run.');
  });

  it('prints an experiment that would prove one, which is valid', async () => {
    const {code, stdout, stderr} = await audit('--from', prometheus.url, '--prove', 'CheckoutDown');
    expect(code, stderr).to.equal(0);
    const {experiment, problems} = parseExperiment({file: 'x.yaml', content: stdout, environment: {}});
    expect(problems).to.deep.equal([]);
    expect(experiment?.expect.alerts?.map(({alert, withinMs}) => [alert, withinMs])).to.deep.equal([
      ['CheckoutDown', 32_000],
    ]);
  });

  it('says what is wrong: another rule, another server, no server', async () => {
    const other = await audit('--from', prometheus.url, '--prove', 'CheckoutSlo');
    expect([other.code, other.stdout]).to.deep.equal([2, '']);
    expect(other.stderr).to.include('The server has: CheckoutSlow, CheckoutDown');
    const none = await audit('--from', 'http://127.0.0.1:1');
    expect([none.code, none.stdout]).to.deep.equal([3, '']);
    expect(none.stderr).to.include('connection refused');
    const text = await audit('--from', 'localhost:9090');
    expect(text.code).to.equal(2);
  });
});
