import {createHmac} from 'node:crypto';
import {readFileSync} from 'node:fs';
import {expect} from 'chai';
import {parseConfiguration} from '../../../src/experiment/configuration.js';
import {MOMENTS, type Message, type Moment, type Notice, type Notifier} from '../../../src/notifiers/contract.js';
import {NOTIFIERS} from '../../../src/notifiers/kinds.js';
import {openPlaces, placeName, type NotifierSpec} from '../../../src/notifiers/spec.js';
import {parseExperiment} from '../../../src/experiment/parse.js';
import {serveLiveMetrics} from '../../../src/server/live-metrics.js';

const SECRETS: Readonly<Record<string, string>> = {
  URL: 'https://hooks.example/T0/B0/x',
  KEY: 'r0ut1ng',
  TOKEN: 'glsa_1',
  SIGNING: `whsec_${Buffer.from('the key').toString('base64')}`,
};
const reveal = (text: string) => text.replace(/\$\{secret:env:(\w+)\}/g, (_, name: string) => SECRETS[name] ?? '');

const FILE = `version: 1
title: Trivial
targets: {sleeper: {process: {start: [sleep, "60"]}}}
steadyState: {one: {command: {run: [echo, "1"]}, tolerance: {below: 2}}}
faults: [{name: freeze, pause: {}, targets: [sleeper], for: 20s}]
notify:
`;

/** As the file is read. */
function specs(notify: string): readonly NotifierSpec[] {
  const parsed = parseExperiment({file: 'x.yaml', content: FILE + notify, environment: {}});
  expect(parsed.problems).to.deep.equal([]);
  return parsed.experiment?.notify ?? [];
}

function open(notify: string): Notifier {
  const [place] = openPlaces(specs(notify), reveal);
  if (place === undefined) throw new Error('the file names nobody');
  return place.notifier;
}

const HEAD = {run: '20261130-1', title: 'Freeze <inventory> & co', owner: 'payments', host: 'ci-7'};
const NOTICES: Readonly<Record<Moment, Notice>> = {
  started: {
    ...HEAD,
    moment: 'started',
    at: '2026-11-30T09:00:00.000Z',
    text: 'The run has started.',
    endsBy: '2026-11-30T09:05:00.000Z',
  },
  injected: {
    ...HEAD,
    moment: 'injected',
    at: '2026-11-30T09:01:00.000Z',
    text: 'freeze is in force on <@U1>.',
    occurrence: 'freeze',
  },
  undone: {...HEAD, moment: 'undone', at: '2026-11-30T09:02:00.000Z', text: 'freeze is undone.', occurrence: 'freeze'},
  owed: {...HEAD, moment: 'owed', at: '2026-11-30T09:02:00.000Z', text: 'Not verified.', occurrence: 'freeze'},
  ended: {
    ...HEAD,
    moment: 'ended',
    at: '2026-11-30T09:03:00.000Z',
    text: 'HELD: it held.',
    outcome: {verdict: 'held', exit: 0, means: 'held', metrics: 'firedrill_run_exit_code 0\n'},
  },
};

const body = (message: Message | undefined): unknown => JSON.parse(message?.body ?? 'null');

describe('messages to those who are told of a run', () => {
  it('to Slack are texts in which nobody can be mentioned', () => {
    const slack = open('  - slack: { url: "${secret:env:URL}" }');
    const message = slack.message(NOTICES.injected);
    expect(message).to.deep.include({
      method: 'POST',
      url: SECRETS['URL'],
      headers: {'content-type': 'application/json'},
    });
    expect(body(message)).to.deep.equal({
      text: [
        ':fire: *Freeze &lt;inventory&gt; &amp; co*',
        'freeze is in force on &lt;@U1&gt;.',
        '_Chaos experiment, run 20261130-1 on ci-7_',
      ].join('\n'),
    });
    expect(body(slack.message(NOTICES.ended)))
      .to.have.property('text')
      .that.includes('HELD: it held.\nExit 0: held\n');
  });

  it('tell only what the file asks for', () => {
    const slack = open('  - slack: { url: "${secret:env:URL}", on: [owed, ended] }');
    expect(
      Object.values(NOTICES)
        .filter(notice => slack.message(notice) !== undefined)
        .map(({moment}) => moment),
    ).to.deep.equal(['owed', 'ended']);
  });

  it('to PagerDuty are change events and never an incident', () => {
    const pagerduty = open('  - pagerduty: { routingKey: "${secret:env:KEY}" }');
    expect(pagerduty.message(NOTICES.started)).to.equal(undefined);
    const message = pagerduty.message(NOTICES.ended);
    expect(message?.url).to.equal('https://events.pagerduty.com/v2/change/enqueue');
    expect(body(message)).to.deep.equal({
      routing_key: 'r0ut1ng',
      payload: {
        summary: 'Chaos experiment: Freeze <inventory> & co: HELD: it held.',
        timestamp: '2026-11-30T09:03:00.000Z',
        source: 'ci-7',
        custom_details: {
          run: '20261130-1',
          experiment: 'Freeze <inventory> & co',
          moment: 'ended',
          owner: 'payments',
          verdict: 'held',
          exit: 0,
          means: 'held',
        },
      },
    });
  });

  it('to Alertmanager make a silence that ends by itself, and end it with the run', () => {
    const alertmanager = open('  - alertmanager: { url: "http://127.0.0.1:9093/", matchers: { service: checkout } }');
    const begin = alertmanager.message(NOTICES.started);
    expect([begin?.method, begin?.url]).to.deep.equal(['POST', 'http://127.0.0.1:9093/api/v2/silences']);
    expect(body(begin)).to.deep.equal({
      matchers: [{name: 'service', value: 'checkout', isRegex: false, isEqual: true}],
      startsAt: '2026-11-30T09:00:00.000Z',
      endsAt: '2026-11-30T09:06:00.000Z',
      createdBy: 'firedrill on ci-7',
      comment: 'Chaos experiment: Freeze <inventory> & co (run 20261130-1)',
    });
    alertmanager.answered?.(NOTICES.started, '{"silenceID":"8f1e-2"}');
    expect(alertmanager.message(NOTICES.injected)).to.equal(undefined);
    const end = alertmanager.message(NOTICES.ended);
    expect([end?.method, end?.url]).to.deep.equal(['DELETE', 'http://127.0.0.1:9093/api/v2/silence/8f1e-2']);
  });

  for (const answer of ['', 'not JSON', '[]', '{"silenceID":"../../-/reload"}', '{"silenceID":7}'])
    it(`to Alertmanager end no silence that an answer does not name: ${answer}`, () => {
      const alertmanager = open('  - alertmanager: { url: "http://127.0.0.1:9093", matchers: { a: b } }');
      alertmanager.message(NOTICES.started);
      alertmanager.answered?.(NOTICES.started, answer);
      expect(alertmanager.message(NOTICES.ended)).to.equal(undefined);
    });

  it('to Grafana open an annotation with the injection and close it with the undo', () => {
    const grafana = open('  - grafana: { url: http://127.0.0.1:3000, token: "${secret:env:TOKEN}", dashboard: shop }');
    const begin = grafana.message(NOTICES.injected);
    expect(begin?.headers).to.include({authorization: 'Bearer glsa_1'});
    expect(body(begin)).to.deep.equal({
      dashboardUID: 'shop',
      tags: ['firedrill'],
      text: 'Freeze &lt;inventory&gt; &amp; co: freeze is in force on &lt;@U1&gt;.',
      time: Date.parse('2026-11-30T09:01:00Z'),
    });
    grafana.answered?.(NOTICES.injected, '{"id":12}');
    const end = grafana.message(NOTICES.undone);
    expect([end?.method, end?.url]).to.deep.equal(['PATCH', 'http://127.0.0.1:3000/api/annotations/12']);
    expect(body(end)).to.deep.equal({timeEnd: Date.parse('2026-11-30T09:02:00Z')});
    expect(grafana.message(NOTICES.undone)).to.equal(undefined);
  });

  it('to Grafana tell the whole time at the undo where the injection was not accepted', () => {
    const grafana = open('  - grafana: { url: http://127.0.0.1:3000 }');
    grafana.message(NOTICES.injected);
    const end = grafana.message(NOTICES.undone);
    expect([end?.method, end?.url]).to.deep.equal(['POST', 'http://127.0.0.1:3000/api/annotations']);
    expect(body(end)).to.include({
      time: Date.parse('2026-11-30T09:01:00Z'),
      timeEnd: Date.parse('2026-11-30T09:02:00Z'),
    });
  });

  it('to a webhook are signed after Standard Webhooks', () => {
    const webhook = open(
      '  - webhook: { url: http://127.0.0.1:9/hook, secret: "${secret:env:SIGNING}", headers: { x-team: "${secret:env:KEY}" } }',
    );
    const message = webhook.message(NOTICES.ended);
    const {'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signature} = message?.headers ?? {};
    expect(message?.headers['x-team']).to.equal('r0ut1ng');
    expect([id, timestamp]).to.deep.equal(['20261130-1-1', String(Date.parse(NOTICES.ended.at) / 1000)]);
    const expected = createHmac('sha256', 'the key').update(`${id}.${timestamp}.${message?.body}`).digest('base64');
    expect(signature).to.equal(`v1,${expected}`);
    expect(body(message)).to.deep.equal({
      version: 1,
      ...HEAD,
      moment: 'ended',
      at: NOTICES.ended.at,
      text: 'HELD: it held.',
      outcome: {verdict: 'held', exit: 0, means: 'held'},
    });
    expect(webhook.message(NOTICES.started)?.headers['webhook-id']).to.equal('20261130-1-2');
  });

  it('to a push gateway are the figures, in a group of the experiment', () => {
    const pushgateway = open('  - pushgateway: { url: http://127.0.0.1:9091 }');
    expect(pushgateway.message(NOTICES.undone)).to.equal(undefined);
    const message = pushgateway.message(NOTICES.ended);
    const group = Buffer.from(HEAD.title).toString('base64url');
    expect(message?.url).to.equal(`http://127.0.0.1:9091/metrics/job@base64/ZmlyZWRyaWxs/experiment@base64/${group}`);
    expect([message?.method, message?.body]).to.deep.equal(['PUT', 'firedrill_run_exit_code 0\n']);
  });

  it('go to places whose names show no secret', () => {
    const all = specs(`  - slack: { url: "\${secret:env:URL}" }
  - webhook: { url: "http://127.0.0.1:9/\${secret:env:KEY}" }
  - webhook: { url: "http://127.0.0.1:9/hook" }
`);
    expect(all.map(placeName)).to.deep.equal(['slack', 'webhook', 'webhook (http://127.0.0.1:9/hook)']);
  });
});

describe('`notify` in a file', () => {
  const WRONG: Readonly<Record<string, string>> = {
    '  - slack: { url: "https://hooks.example/T0" }': 'expected a reference such as `${secret:env:SLACK_WEBHOOK_URL}`',
    '  - {}':
      'expected one of `slack`, `pagerduty`, `alertmanager`, `grafana`, `webhook`, `pushgateway`; got none of them',
    '  - { webhook: { url: http://127.0.0.1/a }, pushgateway: { url: http://127.0.0.1/b } }':
      'got `webhook` and `pushgateway`: write an entry for each',
    '  - alertmanager: { url: http://127.0.0.1:9093, matchers: {} }': 'a silence without one would hide every alert',
    '  - webhook: { url: 127.0.0.1:8080 }': 'expected a URL',
    '  - webhook: { url: http://127.0.0.1/, on: [begun] }': 'expected one of `started`, `injected`',
    '  - slak: { url: x }': 'slak',
  };
  for (const [text, expected] of Object.entries(WRONG))
    it(`is refused, and its place is shown: ${text.trim()}`, () => {
      const {problems} = parseExperiment({file: 'x.yaml', content: FILE + text, environment: {}});
      expect(problems.map(({message}) => message).join('\n')).to.include(expected);
      expect(problems.map(({line}) => line)).to.deep.equal([7]);
      expect(problems.map(({message}) => message).join()).not.to.include('hooks.example');
    });
});

describe('docs/notifications.md', () => {
  const text = readFileSync('docs/notifications.md', 'utf8');

  it('shows a configuration that can be read, with every kind of place', () => {
    const example = /```yaml\n([\s\S]*?)```/.exec(text)?.[1] ?? '';
    const {configuration, problems} = parseConfiguration('config.yaml', example);
    expect(problems).to.deep.equal([]);
    expect(configuration?.notify.map(({kind}) => kind).sort()).to.deep.equal(Object.keys(NOTIFIERS).sort());
  });

  it('has a row for every place and every moment', () => {
    const rows = [...text.matchAll(/^\| `(\w+)` +\|/gm)].map(([, name]) => name);
    expect(rows).to.deep.equal([...rows.filter(name => name !== undefined && name in NOTIFIERS), ...MOMENTS]);
    expect(rows).to.include.members(Object.keys(NOTIFIERS));
  });

  it('has a dashboard that asks for figures which the runner serves', async () => {
    const dashboard = JSON.parse(readFileSync('docs/grafana-dashboard.json', 'utf8')) as {
      panels: readonly {targets: readonly {expr: string}[]}[];
    };
    const asked = dashboard.panels.flatMap(({targets}) =>
      targets.flatMap(({expr}) => expr.match(/firedrill_\w+/g) ?? []),
    );
    const metrics = await serveLiveMetrics(0);
    const served = await (await fetch(metrics.url)).text();
    await metrics.close();
    expect(asked).to.have.length(5);
    for (const name of asked) expect(served).to.include(`# TYPE ${name} `);
  });
});
