import {once} from 'node:events';
import {readFileSync} from 'node:fs';
import {Agent, request} from 'node:http';
import {connect} from 'node:net';
import {join} from 'node:path';
import {expect} from 'chai';
import {fault as abort} from '../../src/faults/http-abort/index.js';
import {fault as body} from '../../src/faults/http-body/index.js';
import {fault as latency} from '../../src/faults/http-latency/index.js';
import {fault as status} from '../../src/faults/http-status/index.js';
import type {AnyFault} from '../../src/faults/contract.js';
import type {JsonObject} from '../../src/quantities/json.js';
import type {Change, Debt} from '../../src/targets/contract.js';
import {askInterposer, isThere, processesOf} from '../../src/targets/drivers/docker/mechanisms/interposer/home.js';
import {DockerBench, patience} from '../support/docker-bench.js';
import {docker, importNode, removeAll, runContainer, uniqueName, type RunningContainer} from '../support/docker.js';
import {describeWith} from '../support/needs.js';
import {until} from '../support/processes.js';
import {watchLateness} from '../support/lateness.js';

/**
 * Says who asks, so that it shows when somebody is in between; takes a WebSocket, and answers a while later on demand.
 * Keeps idle connections for longer than the slowest machine needs to inject.
 */
const SERVER = `
const http = require('http');
const server = http.createServer((q, s) => {
  let n = 0;
  q.on('data', d => (n += d.length));
  q.on('end', () => setTimeout(() => { s.setHeader('x-from', q.socket.remoteAddress); s.write('got '); s.end(String(n)); }, q.url === '/slow' ? 2000 : 0));
});
server.keepAliveTimeout = 600000;
server.on('upgrade', (q, s) => { s.on('error', () => s.destroy()); s.write('HTTP/1.1 101 Switching Protocols\\r\\nconnection: upgrade\\r\\nupgrade: websocket\\r\\n\\r\\n'); s.pipe(s); });
server.listen(8080, '0.0.0.0');
require('http2').createServer((q, s) => s.end('over h2c')).listen(8081, '0.0.0.0');
`;

/** Asks another container for as many answers as it is told, over one connection; prints the status codes. */
const CLIENT = `
const http = require('http');
const [url, times] = process.argv.slice(1);
const agent = new http.Agent({keepAlive: true, maxSockets: 1});
const ask = () => new Promise(done => http.get(url, {agent}, r => { r.resume(); r.on('end', () => done(r.statusCode)); }).on('error', e => done(e.code)));
(async () => { const all = []; for (let i = 0; i < Number(times); i++) all.push(await ask()); console.log(all.join(' ')); process.exit(); })();
`;

interface Answer {
  readonly status: number | string | undefined;
  readonly body: string;
  readonly header: (name: string) => string;
  readonly ms: number;
}

describeWith('docker', 'HTTP faults on real containers', () => {
  const late = watchLateness();
  const prefix = `fd-http-${process.pid}-`;
  let bench: DockerBench;
  let server: RunningContainer;
  let ip: string;

  const serve = async () => {
    server = await runContainer({
      name: uniqueName('http'),
      image: await importNode(),
      command: ['node', '-e', SERVER],
    });
    ip = await server.ip();
    await until('the service answers', async () => (await ask('/')).status === 200);
  };
  before(serve);
  after(() => removeAll(prefix));
  beforeEach(() => {
    bench = new DockerBench();
  });
  afterEach(() => bench.close());

  /** A request from this machine; the code of the error where it fails. */
  async function ask(path: string, agent: Agent | false = false, port = 8080): Promise<Answer> {
    const from = performance.now();
    const failed = (error: NodeJS.ErrnoException): Answer => ({
      status: error.code,
      body: '',
      header: () => '',
      ms: performance.now() - from,
    });
    return new Promise(resolve => {
      const sent = request({host: ip, port, path, agent, method: 'POST', timeout: 5_000}, response => {
        let text = '';
        response.on('data', (chunk: Buffer) => (text += chunk.toString()));
        response.on('error', (error: NodeJS.ErrnoException) => resolve(failed(error)));
        response.on('end', () => {
          const header = (name: string) => String(response.headers[name] ?? '');
          resolve({status: response.statusCode, body: text, header, ms: performance.now() - from});
        });
      });
      sent.on('timeout', () => sent.destroy(Object.assign(new Error('no answer'), {code: 'ETIMEDOUT'})));
      sent.on('error', (error: NodeJS.ErrnoException) => resolve(failed(error)));
      sent.end('abc');
    });
  }

  const rules = async () => {
    const {pid} = JSON.parse(await docker('inspect', '-f', '{"pid":{{.State.Pid}}}', server.id)) as {pid: number};
    const {execFileSync} = await import('node:child_process');
    const save = (family: string) =>
      execFileSync('nsenter', ['-t', String(pid), '-n', `${family}-save`], {stdio: 'pipe'});
    return (
      ['iptables', 'ip6tables']
        .map(family => save(family).toString())
        .join('')
        .match(/firedrill-\w+/g) ?? []
    );
  };

  const folderOf = (change: Change) => (change.flip.args as {folder: string}).folder;

  interface Injected {
    readonly change: Change;
    readonly debts: readonly Debt[];
  }

  async function inject(fault: AnyFault, given: JsonObject): Promise<Injected> {
    const [change] = await bench.draft(fault, {name: server.name}, given);
    const {debts, applied} = await bench.inject([change!]);
    expect(applied.map(({state, why}) => why ?? state)).to.deep.equal(['done']);
    return {change: change!, debts};
  }

  /** Nothing of it is left: no rule, no process, no file; and the service answers by itself. */
  async function expectNothingLeft({change}: Injected): Promise<void> {
    expect(await rules()).to.deep.equal([]);
    expect(await processesOf(folderOf(change))).to.deep.equal([]);
    expect(isThere(folderOf(change))).to.equal(false);
    const {undo} = change;
    expect('proof' in undo && (await bench.prove(undo.proof)).state).to.equal('absent');
    expect((await ask('/')).status).to.equal(200);
  }

  /** Injects, looks, undoes, and sees that nothing of it is left. */
  async function during(
    fault: AnyFault,
    given: JsonObject,
    look: (injected: Injected) => Promise<void>,
  ): Promise<void> {
    const injected = await inject(fault, given);
    let outcomes: readonly string[] = [];
    try {
      expect((await bench.prove(injected.change.proof)).state).to.equal('in-force');
      await look(injected);
    } finally {
      outcomes = (await bench.settle(injected.debts)).map(({outcome}) => outcome);
    }
    expect(outcomes).to.deep.equal(['undone']);
    await expectNothingLeft(injected);
    expect((await bench.settle(injected.debts)).map(({outcome}) => outcome)).to.deep.equal(['already']);
  }

  const proofOf = ({change}: Injected) => bench.prove(change.proof);

  it('answers a share of the received requests with a status: exactly those of the seed, seen by a client in another container', async () => {
    const client = async () =>
      (
        await docker(
          'run',
          '--rm',
          '--name',
          uniqueName('http'),
          await importNode(),
          'node',
          '-e',
          CLIENT,
          `http://${ip}:8080/`,
          '100',
        )
      ).split(' ');
    const seen: string[][] = [];
    for (let i = 0; i < 2; i++) {
      await during(status, {status: 503, share: '30%', seed: 7, port: 8080}, async injected => {
        seen.push(await client());
        const proof = await proofOf(injected);
        expect(proof.exercised).to.equal(seen[i]!.filter(one => one === '503').length);
        expect(proof.readings).to.include({requests: 100, matched: 100});
      });
    }
    expect(seen[0]).to.deep.equal(seen[1]);
    expect(seen[0]!.filter(one => one === '503').length).to.be.within(28, 32);
    expect(new Set(seen[0])).to.deep.equal(new Set(['200', '503']));
  });

  it('delays, keeps connections alive, lets a pooled connection from before come through it, and loses no running response at the undo', async () => {
    // Without probes of the kernel, which would be the next packet where the injection takes more than a second.
    const agent = new Agent({keepAlive: true, keepAliveMsecs: 600_000, maxSockets: 1});
    await ask('/', agent);
    let running: Promise<Answer> | undefined;
    await during(latency, {delay: '500ms', path: '/late', port: 8080}, async injected => {
      // The connection from before is reset at its next packet; whoever pools connections asks again.
      expect((await ask('/late', agent)).status).to.equal('ECONNRESET');
      const [slow, fast] = [await ask('/late', agent), await ask('/', agent)];
      expect([slow.status, slow.body, fast.status]).to.deep.equal([200, 'got 3', 200]);
      expect(slow.ms).to.be.within(498, 950 + late());
      expect(fast.ms).to.be.below(498 + late());
      expect((await proofOf(injected)).readings).to.include({accepted: 1, requests: 2, matched: 1, hits: 1});
      running = ask('/slow', agent);
      await until('it is under way', async () => (await proofOf(injected)).readings['requests'] === 3);
    });
    const answer = await running!;
    expect([answer.status, answer.body, answer.header('connection')]).to.deep.equal([200, 'got 3', 'close']);
    expect((await ask('/', agent)).status).to.equal(200);
    agent.destroy();
  });

  it('leaves connections from before alone where it is told to', async () => {
    const agent = new Agent({keepAlive: true, maxSockets: 1});
    await ask('/', agent);
    await during(status, {port: 8080, existing: 'leave'}, async () => {
      expect((await ask('/', agent)).status).to.equal(200);
      expect((await ask('/')).status).to.equal(503);
    });
    expect((await ask('/', agent)).status).to.equal(200);
    agent.destroy();
  });

  it('aborts and changes answers, of those requests that fit', async () => {
    await during(abort, {path: {regexp: '^/a'}, port: 8080}, async () => {
      expect([(await ask('/a')).status, (await ask('/b')).status]).to.deep.equal(['ECONNRESET', 200]);
    });
    const given = {method: 'POST', replace: [{find: 'got', with: 'lost'}], setHeaders: {'x-new': '1'}, port: 8080};
    await during(body, given, async () => {
      const changed = await ask('/');
      expect([changed.body, changed.header('x-new')]).to.deep.equal(['lost 3', '1']);
    });
  });

  it('lets a WebSocket and HTTP/2 without TLS pass, and says what it saw', async () => {
    await during(status, {path: '/never', port: 8080}, async () => {
      const socket = connect(8080, ip);
      await once(socket, 'connect');
      socket.write('GET /ws HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n');
      expect(String((await once(socket, 'data'))[0])).to.match(/^HTTP\/1\.1 101/);
      socket.write('frame');
      expect(String((await once(socket, 'data'))[0])).to.equal('frame');
      socket.destroy();
    });
    await during(status, {port: 8081}, async injected => {
      const {connect: connectHttp2} = await import('node:http2');
      const session = connectHttp2(`http://${ip}:8081`);
      let text = '';
      for await (const chunk of session.request({':path': '/'}) as AsyncIterable<Buffer>) text += chunk.toString();
      const over = once(session, 'close');
      session.close();
      await over;
      expect(text).to.equal('over h2c');
      const proof = await proofOf(injected);
      expect([proof.exercised, proof.readings['http2']]).to.deep.equal([0, 1]);
    });
  });

  it('treats what a container sends to a service that it knows by name', async () => {
    const network = uniqueName('http-net');
    await docker('network', 'create', network);
    const backend = uniqueName('http');
    await docker(
      'run',
      '-d',
      '--name',
      backend,
      '--network',
      network,
      '--network-alias',
      'backend',
      await importNode(),
      'node',
      '-e',
      SERVER,
    );
    const caller = await runContainer({
      name: uniqueName('http'),
      image: await importNode(),
      args: ['--network', network],
    });
    const from = (where: string) => docker('exec', caller.id, 'node', '-e', CLIENT, where, '2');
    const [change] = await bench.draft(status, {name: caller.name}, {status: 504, to: {host: 'backend', port: 8080}});
    const {debts} = await bench.inject([change!]);
    try {
      expect(await from('http://backend:8080/')).to.equal('504 504');
      expect((await bench.prove(change!.proof)).exercised).to.equal(2);
    } finally {
      expect((await bench.settle(debts)).map(({outcome}) => outcome)).to.deep.equal(['undone']);
    }
    expect(await from('http://backend:8080/')).to.equal('200 200');
    await docker('rm', '-f', backend, caller.id);
    await docker('network', 'rm', network);
  });

  it('fails open: the service answers again within a second of the death of the interposer', async () => {
    const injected = await inject(status, {port: 8080});
    expect((await ask('/')).status).to.equal(503);
    const [supervisor, ...others] = await processesOf(folderOf(injected.change));
    const interposer = others.find(({pid}) => commandOf(pid).includes('node'));
    process.kill(interposer!.pid, 'SIGKILL');
    const from = performance.now();
    await until('the service answers', async () => (await ask('/')).status === 200);
    expect(performance.now() - from).to.be.below(1_000 + late());
    await until('the supervisor has ended', async () => (await processesOf(folderOf(injected.change))).length === 0);
    expect(supervisor).not.to.equal(undefined);
    expect((await proofOf(injected)).state).to.equal('absent');
    expect((await bench.settle(injected.debts)).map(({outcome}) => outcome)).to.deep.equal(['already']);
    await expectNothingLeft(injected);
  });

  it('ends by itself when its supervisor dies, and at the end of its lease', async () => {
    const injected = await inject(status, {port: 8080});
    const [supervisor] = await processesOf(folderOf(injected.change));
    process.kill(supervisor!.pid, 'SIGKILL');
    await until('the service answers', async () => (await ask('/')).status === 200);
    await bench.settle(injected.debts);
    await expectNothingLeft(injected);
    const again = await inject(status, {port: 8080});
    await askInterposer(folderOf(again.change), {do: 'renew', leaseMs: 300}, patience());
    await until('it has ended', () => !isThere(folderOf(again.change)));
    await bench.settle(again.debts);
    await expectNothingLeft(again);
  });

  it('is settled by anyone when interposer and supervisor are both dead, and their rules are all that is left', async () => {
    const injected = await inject(status, {port: 8080});
    for (const {pid} of await processesOf(folderOf(injected.change))) process.kill(pid, 'SIGKILL');
    expect((await ask('/')).status).to.be.oneOf(['ECONNREFUSED', 'ECONNRESET']);
    const proof = await proofOf(injected);
    expect([proof.state, proof.why]).to.deep.equal([
      'unknown',
      'the interposer is dead, but its rules are still there',
    ]);
    expect((await bench.settle(injected.debts)).map(({outcome}) => outcome)).to.deep.equal(['undone']);
    await expectNothingLeft(injected);
  });

  it('is killed when it is stopped and gives no sign of life', async () => {
    const injected = await inject(status, {port: 8080});
    const interposer = (await processesOf(folderOf(injected.change))).find(({pid}) => commandOf(pid).includes('node'));
    process.kill(interposer!.pid, 'SIGSTOP');
    await until('the service answers', async () => (await ask('/')).status === 200, 15_000);
    await bench.settle(injected.debts);
    await expectNothingLeft(injected);
  });

  it('ends with the target: nothing is left of it after a restart, a stop or the removal of the container', async () => {
    const injected = await inject(status, {port: 8080});
    await docker('restart', '-t', '0', server.id);
    ip = await server.ip();
    await until('the interposer has ended', async () => (await processesOf(folderOf(injected.change))).length === 0);
    await until('the service answers', async () => (await ask('/')).status === 200);
    expect((await proofOf(injected)).state).to.equal('absent');
    expect((await bench.settle(injected.debts)).map(({outcome}) => outcome)).to.deep.equal(['gone']);
    await expectNothingLeft(injected);
    const stopped = await inject(status, {port: 8080});
    await docker('stop', '-t', '0', server.id);
    expect((await bench.settle(stopped.debts))[0]!.outcome).to.be.oneOf(['undone', 'already', 'gone']);
    expect(isThere(folderOf(stopped.change))).to.equal(false);
    await docker('start', server.id);
    ip = await server.ip();
    await until('the service answers', async () => (await ask('/')).status === 200);
  });

  it('is refused where it cannot be done, with what would do instead', async () => {
    const why = async (given: JsonObject, selector: JsonObject = {name: server.name}) => {
      try {
        await bench.draft(status, selector, given);
        return 'drafted';
      } catch (error) {
        return String(error);
      }
    };
    expect(await why({})).to.match(/listens on 8080, 8081/);
    expect(await why({to: {host: 'example.org', port: 443}})).to.match(/speaks TLS on port 443/);
    const helper = new DockerBench({enter: 'helper'});
    const [byHelper] = await Promise.allSettled([helper.draft(status, {name: server.name}, {port: 8080})]);
    await helper.close();
    expect(String(byHelper.status === 'rejected' && byHelper.reason)).to.match(/a helper container cannot hold it/);
  });

  it('does not start where the host name is unknown, and leaves nothing behind', async () => {
    const [change] = await bench.draft(status, {name: server.name}, {to: {host: 'no-such-host.invalid', port: 80}});
    const actuator = await bench.actuator();
    const [prepared] = await actuator.apply([change!.prepare!], 20_000);
    expect(prepared!.why).to.match(/expected `no-such-host.invalid` to have an address/);
    expect([isThere(folderOf(change!)), await processesOf(folderOf(change!))]).to.deep.equal([false, []]);
  });

  function commandOf(pid: number): string {
    return readFileSync(join('/proc', String(pid), 'cmdline'), 'utf8').split('\0')[0] ?? '';
  }
});
