import {once} from 'node:events';
import {createServer, type IncomingMessage, type Server, type ServerResponse} from 'node:http';
import type {AddressInfo} from 'node:net';
import {expect} from 'chai';
import {parameters} from '../../src/faults/http-call/parameters.js';
import {driver} from '../../src/targets/drivers/command/driver.js';
import {openDriver, type Opened} from '../support/driver-subjects.js';
import {freePort, freshAmbient} from '../support/processes.js';

const target = {
  driver: 'docker',
  kind: 'container',
  name: 'shop-inventory-1',
  endpoint: 'engine',
  object: 'abc123',
  incarnation: '1',
} as const;

describe('Requests of the author', () => {
  let ambient: ReturnType<typeof freshAmbient>;
  let opened: Opened;
  let server: Server;
  let base: string;
  let broken: boolean;
  let seen: string[];
  let headers: IncomingMessage['headers'];
  /** How the server takes a request, in place of doing it. */
  let instead: ((request: IncomingMessage, response: ServerResponse) => boolean) | undefined;

  beforeEach(async () => {
    ambient = freshAmbient();
    [broken, seen, headers, instead] = [false, [], {}, undefined];
    server = createServer((request, response) => {
      const {method = ''} = request;
      seen.push(method);
      headers = request.headers;
      if (instead?.(request, response) === true) return;
      if (method !== 'GET') broken = method === 'PUT';
      response.statusCode = method === 'GET' && !broken ? 404 : 200;
      response.end(broken ? 'it is broken' : '');
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    base = `http://127.0.0.1:${(server.address() as AddressInfo).port}/flag`;
    opened = await openDriver(driver, {}, ambient);
  });
  afterEach(async () => {
    server.closeAllConnections();
    await new Promise(resolve => server.close(resolve));
    ambient.dispose();
  });

  const draft = (given: object = {}, url = base) => {
    const written = {do: {url, method: 'PUT'}, undo: {url, method: 'DELETE'}, proof: {url}, ...given};
    const {do: act, undo, proof} = parameters().parse(written);
    return opened.reader.drafts.author!.act(target, {do: act, undo, proof});
  };
  const withoutProof = {proof: undefined};

  it('break, prove, put back and find nothing left to put back', async () => {
    const change = await draft();
    expect(change.summary).to.equal(`send PUT ${base} for shop-inventory-1`);
    expect('op' in change.undo && change.undo.manual).to.equal(`curl -X DELETE ${base}`);
    expect((await opened.prove(change.proof)).state).to.equal('absent');
    const debt = await opened.inject(change);
    expect(headers).to.include({'firedrill-target-name': 'shop-inventory-1', 'firedrill-target-id': 'abc123'});
    expect(await opened.prove(change.proof)).to.deep.include({state: 'in-force', exercised: null});
    expect((await opened.settle(debt)).outcome).to.equal('undone');
    expect(broken).to.equal(false);
    expect((await opened.settle(debt)).outcome).to.equal('already');
    expect(seen.filter(method => method === 'DELETE')).to.have.length(1);
  });

  it('know without a proof what they did', async () => {
    const change = await draft(withoutProof);
    expect((await opened.prove(change.proof)).state).to.equal('absent');
    const debt = await opened.inject(change);
    expect((await opened.prove(change.proof)).state).to.equal('in-force');
    expect((await opened.settle(debt)).outcome).to.equal('undone');
    expect((await opened.settle(debt)).outcome).to.equal('already');
  });

  it('ask for the body where the file says so', async () => {
    const matching = (bodyMatches: string) => draft({proof: {url: base, bodyMatches}});
    broken = true;
    expect((await opened.prove((await matching('^it is bro')).proof)).state).to.equal('in-force');
    expect((await opened.prove((await matching('^is bro')).proof)).state).to.equal('absent');
  });

  it('do not know what a server that fails shows', async () => {
    const change = await draft();
    instead = (_request, response) => {
      response.statusCode = 503;
      response.end('overloaded');
      return true;
    };
    const {state, why} = await opened.prove(change.proof);
    expect([state, why]).to.deep.equal(['unknown', `\`GET ${base}\`: it was answered with 503: overloaded`]);
  });

  it('owe their undo when they were refused, or not answered: then it is sent once more for what arrives late', async () => {
    for (const answered of [true, false]) {
      seen = [];
      const change = await draft({timeout: '300ms', ...withoutProof});
      instead = ({method}, response) => {
        if (method !== 'PUT') return false;
        broken = true;
        response.statusCode = 409;
        if (answered) response.end();
        return true;
      };
      const [applied] = await opened.apply(change.flip);
      expect(applied?.state).to.equal('refused');
      expect(applied?.why).to.include(answered ? 'it was answered with 409' : 'no answer within 300 ms');
      expect((await opened.settle(opened.owe(change))).outcome).to.equal('undone');
      expect(broken).to.equal(false);
      expect(seen.filter(method => method === 'DELETE')).to.have.length(answered ? 1 : 2);
    }
  }).timeout(60_000);

  it('owe nothing to a server that cannot be reached', async () => {
    const change = await draft(withoutProof, `http://127.0.0.1:${await freePort()}/flag`);
    const [applied] = await opened.apply(change.flip);
    expect([applied?.state, applied?.why]).to.deep.include('refused');
    expect((await opened.settle(opened.owe(change))).outcome).to.equal('already');
  });

  it('stay owed while the server does not take the undo', async () => {
    const debt = await opened.inject(await draft());
    instead = (_request, response) => {
      response.statusCode = 500;
      response.end();
      return true;
    };
    expect((await opened.settle(debt)).outcome).to.be.oneOf(['failed', 'unknown']);
    instead = undefined;
    expect((await opened.settle(debt)).outcome).to.equal('undone');
  });

  it('reveal secrets where they are sent only, and tell none of them', async () => {
    const secret = '${secret:env:TEST_SECRET}';
    const secretive = {url: `${base}?key=${secret}`, headers: {authorization: `Bearer ${secret}`}};
    const change = await draft({do: {...secretive, method: 'PUT'}});
    expect(JSON.stringify(change)).not.to.include('hunter2');
    instead = (request, response) => {
      response.statusCode = 403;
      response.end(`no: ${request.headers.authorization ?? ''} ${request.url ?? ''}`);
      return true;
    };
    const [applied] = await opened.apply(change.flip);
    expect(headers.authorization).to.equal('Bearer hunter2');
    expect(applied?.why).to.include('no: Bearer ***').and.not.include('hunter2');
  });
});
