import {once} from 'node:events';
import {mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {createServer} from 'node:http';
import type {AddressInfo} from 'node:net';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {expect} from 'chai';
import {ensureBuilt, firedrill} from '../support/cli.js';

const HEAD = `version: 1
title: The sleeper survives a freeze
owner: payments
targets: { sleeper: { process: { start: [sleep, "600"] } } }
windows: { warmup: 0s, baseline: 1s, recovery: 5s }
steadyState: { one: { command: { run: [echo, "1"], every: 200ms }, tolerance: { below: 2 }, judge: [fault] } }
faults: [{ name: freeze, pause: {}, targets: [sleeper], for: 1s }]
`;

interface Received {
  readonly method: string;
  readonly path: string;
  readonly authorization: string;
  readonly body: string;
}

/** Every place that can be told, as one server; `/silent` never answers. */
async function places() {
  const received: Received[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      const {method = '', url: path = '', headers} = request;
      received.push({method, path, authorization: headers.authorization ?? '', body});
      if (path !== '/silent') response.end(path.includes('silences') ? '{"silenceID":"5-e"}' : '{"id":7}');
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {server, received, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`};
}

describe('Telling others of a run', function () {
  let root = '';
  let world: Awaited<ReturnType<typeof places>>;
  before(() => ensureBuilt());
  beforeEach(async () => {
    root = mkdtempSync(join(tmpdir(), 'firedrill-notify-'));
    world = await places();
  });
  afterEach(async () => {
    world.server.closeAllConnections();
    world.server.close();
    await once(world.server, 'close');
    rmSync(root, {recursive: true, force: true});
  });

  const run = (notify: string, args: readonly string[] = [], environment: Readonly<Record<string, string>> = {}) => {
    writeFileSync(join(root, 'x.yaml'), HEAD + notify);
    return firedrill(['run', join(root, 'x.yaml'), '--quiet', '--runs-dir', join(root, 'runs'), ...args], {
      FIREDRILL_STATE: join(root, 'state'),
      SLACK_URL: `${world.url}/slack/T0K3N`,
      KEY: 'integration-key-1',
      ...environment,
    });
  };

  it('reaches every kind of place, in order', async () => {
    const ended = await run(`notify:
  - slack: { url: "\${secret:env:SLACK_URL}" }
  - pagerduty: { routingKey: "\${secret:env:KEY}", url: "${world.url}/pagerduty" }
  - grafana: { url: "${world.url}/grafana", token: "\${secret:env:KEY}" }
  - alertmanager: { url: "${world.url}/alertmanager", matchers: { service: checkout } }
  - webhook: { url: "${world.url}/hook", secret: "\${secret:env:KEY}" }
  - pushgateway: { url: "${world.url}/push" }
`);
    expect(ended.code, ended.stderr).to.equal(0);
    expect(ended.stderr).to.equal('');
    const to = (path: string) => world.received.filter(one => one.path.startsWith(path));
    expect(to('/slack/T0K3N')).to.have.length(4);
    expect(to('/hook').map(({body}) => (JSON.parse(body) as {moment: string}).moment)).to.deep.equal([
      'started',
      'injected',
      'undone',
      'ended',
    ]);
    expect(JSON.parse(to('/hook')[1]?.body ?? '')).to.include({
      text: 'freeze is in force on sleeper.',
      owner: 'payments',
    });
    expect(to('/pagerduty').map(({body}) => (JSON.parse(body) as {routing_key: string}).routing_key)).to.deep.equal([
      'integration-key-1',
      'integration-key-1',
    ]);
    expect(to('/grafana').map(({method, path, authorization}) => `${method} ${path} ${authorization}`)).to.deep.equal([
      'POST /grafana/api/annotations Bearer integration-key-1',
      'PATCH /grafana/api/annotations/7 Bearer integration-key-1',
    ]);
    expect(to('/alertmanager').map(({method, path}) => `${method} ${path}`)).to.deep.equal([
      'POST /alertmanager/api/v2/silences',
      'DELETE /alertmanager/api/v2/silence/5-e',
    ]);
    expect(to('/push').map(({method, body}) => [method, body.includes('firedrill_run_exit_code{')])).to.deep.equal([
      ['PUT', true],
    ]);
  });

  it('changes nothing about a run where nobody can be told: the verdict first, then who was not told', async () => {
    const ended = await run(
      `notify:
  - slack: { url: "\${secret:env:SLACK_URL}" }
  - webhook: { url: "${world.url}/silent" }
`,
      [],
      {SLACK_URL: 'http://127.0.0.1:1/slack/T0K3N'},
    );
    expect(ended.code, ended.stderr).to.equal(0);
    expect(ended.stdout).to.include('HELD:');
    expect(ended.stderr).to.match(/warning: slack was not told of 4 of 4 notices: .*ECONNREFUSED/);
    expect(ended.stderr).to.match(/warning: webhook \(.*\/silent\) was not told of 4 of 4 notices: /);
    expect(ended.stderr + ended.stdout).not.to.include('T0K3N');
  });

  it('is asked for by the configuration of the machine too, shown in the plan, and left out with --no-notify', async () => {
    const config = join(root, 'config.yaml');
    writeFileSync(config, `version: 1\nnotify:\n  - webhook: { url: "${world.url}/all", on: [ended] }\n`);
    const told = await run('', [], {FIREDRILL_CONFIG: config});
    expect(told.code, told.stderr).to.equal(0);
    expect(world.received.map(({path}) => path)).to.deep.equal(['/all']);
    const quiet = await run('', ['--no-notify'], {FIREDRILL_CONFIG: config});
    expect(quiet.code, quiet.stderr).to.equal(0);
    expect(world.received).to.have.length(1);
    const plan = await firedrill(['plan', join(root, 'x.yaml')], {
      FIREDRILL_STATE: join(root, 'state'),
      FIREDRILL_CONFIG: config,
    });
    expect(plan.stdout).to.include(`Notified\n  webhook (${world.url}/all)\n`);
    const secretless = await run('notify: [{ slack: { url: "${secret:env:NO_SUCH_SECRET}" } }]\n', ['--no-notify']);
    expect(secretless.code, secretless.stderr).to.equal(0);
  });

  it('is refused before anything is injected where a secret has no value or the configuration is wrong', async () => {
    const missing = await run('notify: [{ slack: { url: "${secret:env:NO_SUCH_SECRET}" } }]\n');
    expect(missing.code).to.equal(2);
    expect(missing.stderr).to.include('NO_SUCH_SECRET');
    const config = join(root, 'config.yaml');
    writeFileSync(config, 'version: 1\nnotify:\n  - slak: {}\n');
    const wrong = await run('', [], {FIREDRILL_CONFIG: config});
    expect(wrong.code).to.equal(2);
    expect(wrong.stderr).to.match(/config\.yaml:3:5/);
    const absent = await run('', [], {FIREDRILL_CONFIG: join(root, 'none.yaml')});
    expect(absent.code).to.equal(2);
    expect(absent.stderr).to.include('FIREDRILL_CONFIG');
    expect(world.received).to.deep.equal([]);
  });
});
