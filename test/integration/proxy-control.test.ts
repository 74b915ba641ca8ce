import {expect} from 'chai';
import {request, type IncomingMessage} from 'node:http';
import {once} from 'node:events';
import {connect} from 'node:net';
import {echo, openProxyStage, roundTrip, serveTcp, type ProxyStage} from '../support/proxy-stage.js';

const TOXIC = '/v1/connections/inventory/toxics/t';
const LATENCY = {type: 'latency', attributes: {delayMs: 10, jitterMs: 0}, ttlMs: 60_000};

describe('proxy: the control API', () => {
  let upstream: Awaited<ReturnType<typeof serveTcp>>;
  let stage: ProxyStage;
  beforeEach(async () => {
    upstream = await serveTcp(echo);
    stage = await openProxyStage(upstream.server);
  });
  afterEach(async () => {
    await stage.close();
    await upstream.close();
  });

  /** With headers that fetch would not send. */
  const raw = async (headers: Record<string, string>, body?: string) => {
    const method = body === undefined ? 'GET' : 'PUT';
    const sent = request(`http://${stage.proxy.control}${body === undefined ? '/v1/state' : TOXIC}`, {
      method,
      headers: {authorization: stage.authorization, ...headers},
    });
    sent.end(body);
    const [response] = (await once(sent, 'response')) as [IncomingMessage];
    response.resume();
    return response.statusCode;
  };

  for (const [title, body, complaint] of [
    ['an unknown field', {...LATENCY, delay: 1}, 'delay'],
    ['an unknown attribute', {...LATENCY, attributes: {delayMs: 1, jitterMs: 0, x: 1}}, '"x"'],
    ['a missing time to live', {...LATENCY, ttlMs: undefined}, 'ttlMs'],
    ['a time to live beyond a timer', {...LATENCY, ttlMs: 1e12}, 'ttlMs'],
    ['a negative delay', {...LATENCY, attributes: {delayMs: -1, jitterMs: 0}}, 'attributes.delayMs'],
    ['a number as text', {...LATENCY, attributes: {delayMs: '1', jitterMs: 0}}, 'attributes.delayMs'],
    ['more jitter than delay', {...LATENCY, attributes: {delayMs: 1, jitterMs: 2}}, 'attributes.jitterMs'],
    ['a share of nothing', {...LATENCY, share: 0}, 'share'],
    ['a share above one', {...LATENCY, share: 1.1}, 'share'],
    ['an unknown direction', {...LATENCY, direction: 'sideways'}, 'direction'],
    ['an unknown type', {...LATENCY, type: 'gremlin'}, 'gremlin'],
    ['no bandwidth at all', {type: 'bandwidth', attributes: {bytesPerSecond: 0}, ttlMs: 1}, 'bytesPerSecond'],
    ['a list as body', [], 'body'],
  ] as const) {
    it(`refuses ${title} and adds nothing`, async () => {
      const answer = await stage.ask('PUT', TOXIC, body);
      expect(answer.status).to.equal(400);
      expect(answer.body['error']).to.include(complaint);
      expect((await stage.view()).toxics).to.deep.equal([]);
    });
  }

  it('says what it does not have: paths, methods, connections', async () => {
    expect((await stage.ask('GET', '/v2')).status).to.equal(404);
    expect((await stage.ask('POST', '/v1/state', {})).status).to.equal(405);
    const nobody = await stage.ask('DELETE', '/v1/connections/nobody/toxics/t');
    expect(nobody).to.deep.equal({status: 404, body: {error: 'No connection is named `nobody`.'}});
    expect((await stage.ask('GET', '/healthz')).body).to.deep.equal({ok: true});
  });

  it('refuses requests that a web page could make a browser send', async () => {
    const json = {'content-type': 'application/json'};
    const body = JSON.stringify(LATENCY);
    expect(await raw({host: 'evil.example:8474'})).to.equal(403);
    expect(await raw({host: '127.0.0.1.evil.example'})).to.equal(403);
    expect(await raw({origin: 'http://127.0.0.1:3000'})).to.equal(403);
    expect(await raw({'sec-fetch-site': 'cross-site'})).to.equal(403);
    expect(await raw({'content-type': 'text/plain'}, body)).to.equal(415);
    expect(await raw({...json, host: 'localhost:1'}, body)).to.equal(201);
    expect(await raw({host: '[::1]:1'})).to.equal(200);
  });

  it('survives bodies that are not JSON, too large, or never come, and answers others meanwhile', async () => {
    const json = {'content-type': 'application/json'};
    expect(await raw(json, '{"type":')).to.equal(400);
    expect(await raw(json, `"${'x'.repeat(5 << 20)}"`).catch(() => 413)).to.equal(413);
    const [host, port] = stage.proxy.control.split(':');
    const slow = connect(Number(port), host);
    await once(slow, 'connect');
    slow.write('PUT / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 100\r\n\r\n{');
    expect((await stage.ask('GET', '/healthz')).status).to.equal(200);
    slow.destroy();
  });

  it('serves its counters to Prometheus', async () => {
    await stage.ask('PUT', TOXIC, LATENCY);
    await roundTrip(await stage.client());
    const answer = await fetch(`http://${stage.proxy.control}/metrics`);
    expect(answer.headers.get('content-type')).to.match(/^text\/plain/);
    const text = await answer.text();
    expect(text).to.include('firedrill_proxy_bytes_total{connection="inventory",direction="downstream"} 1');
    expect(text).to.include('firedrill_proxy_toxic_in_force{connection="inventory",toxic="t",type="latency"} 1');
  });

  it('adds the same toxic once, and refuses another one under its id', async () => {
    expect((await stage.ask('PUT', TOXIC, LATENCY)).status).to.equal(201);
    expect((await stage.ask('PUT', TOXIC, LATENCY)).status).to.equal(200);
    expect((await stage.ask('PUT', TOXIC, {...LATENCY, share: 0.5})).status).to.equal(409);
    expect((await stage.view()).toxics).to.have.length(1);
  });

  describe('marks', () => {
    const mark = (run: string, epoch: number, ...ids: string[]) =>
      stage.ask('POST', '/v1/connections/inventory/mark', {
        run,
        epoch,
        hardStop: {wall: '2030-01-01T00:00:00Z'},
        debts: ids.map(id => ({id, toxic: id === 'one' ? 't' : 'other', debt: {id}})),
      });
    const settle = (run: string, epoch: number, ...debts: string[]) =>
      stage.ask('POST', '/v1/connections/inventory/mark/settled', {run, epoch, debts});
    const add = (run: string, epoch: number) => stage.ask('PUT', TOXIC, {...LATENCY, writer: {run, epoch}});

    it('takes a toxic of a run only while that run holds the mark', async () => {
      expect((await add('a', 1)).status).to.equal(409);
      await mark('a', 1, 'one');
      expect((await add('b', 1)).status).to.equal(409);
      expect((await add('a', 1)).status).to.equal(201);
    });

    it('refuses a late toxic of a run that was taken over or has settled', async () => {
      await mark('a', 1, 'one', 'two');
      await settle('a', 2, 'one');
      const late = await add('a', 1);
      expect(late.status).to.equal(409);
      expect(late.body['error']).to.include('taken over by epoch 2');
      expect((await add('a', 2)).body['error']).to.include('no open debt for the toxic `t`');
      await settle('a', 2, 'two');
      expect((await add('a', 2)).status).to.equal(409);
      expect((await stage.view()).toxics).to.deep.equal([]);
    });

    it('removes a toxic in the same step in which its last debt is struck off', async () => {
      await mark('a', 1, 'one', 'two');
      await add('a', 1);
      await settle('a', 1, 'two');
      expect((await stage.view()).toxics).to.have.length(1);
      await settle('a', 1, 'one');
      expect(await stage.view()).to.deep.include({toxics: [], mark: null});
    });

    it('removes and renews a toxic for its own run only', async () => {
      await mark('a', 1, 'one');
      await add('a', 1);
      expect((await stage.ask('DELETE', `${TOXIC}?run=b`)).body).to.deep.equal({removed: false});
      expect((await stage.ask('POST', `${TOXIC}/renew`, {ttlMs: 1, run: 'b'})).status).to.equal(404);
      expect((await stage.ask('DELETE', `${TOXIC}?run=a`)).body).to.deep.equal({removed: true});
    });

    it('forgets a request to stop with the last debt of that run', async () => {
      await stage.ask('POST', '/v1/stops', {run: 'a'});
      await mark('a', 1, 'one', 'two');
      await settle('a', 1, 'one');
      expect((await stage.ask('GET', '/v1/state')).body['stops']).to.deep.equal(['a']);
      await settle('a', 1, 'two');
      expect((await stage.ask('GET', '/v1/state')).body['stops']).to.deep.equal([]);
    });

    it('refuses a toxic for a process that was restarted since', async () => {
      const answer = await stage.ask('PUT', TOXIC, {...LATENCY, incarnation: 'another'});
      expect(answer.status).to.equal(409);
      expect(answer.body['error']).to.include('restarted');
    });
  });
});
