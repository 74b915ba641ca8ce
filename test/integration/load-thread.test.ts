import {expect} from 'chai';
import type {HttpRequestSpec} from '../../src/signals/load/spec.js';
import type {LoadSecond} from '../../src/signals/contract.js';
import {startLoadThread} from '../../src/signals/load/thread.js';
import {systemClock} from '../../src/system/clock.js';
import {FiredrillError} from '../../src/system/error.js';
import {startHttpServer} from '../support/http-server.js';
import {until} from '../support/processes.js';

const REFERENCE = '${secret:env:TOKEN}';

describe('a load in a thread of its own', () => {
  const start = (url: string, request: HttpRequestSpec, secret: string, seconds: LoadSecond[] = []) => {
    const http = {...request, url};
    return startLoadThread({
      spec: {name: 'visit', http, rate: 50, timeoutMs: 2_000, maxInFlight: 100},
      reveal: text => text.replace(REFERENCE, secret),
      clock: systemClock(),
      onSecond: second => void seconds.push(second),
      onFailure: error => expect.fail(String(error)),
    });
  };
  const get = {method: 'GET', url: '', headers: {'x-token': `key ${REFERENCE}`}, success: [[200, 299]] as const};

  it('sends what its starter has revealed, tells each second once, and its counts at any time', async () => {
    const seen = new Set<unknown>();
    const server = await startHttpServer((request, response) => {
      seen.add(request.headers['x-token']);
      response.end('ok');
    });
    try {
      const seconds: LoadSecond[] = [];
      const load = await start(server.url, get, 't0ken', seconds);
      await until('two seconds are told', () => seconds.length >= 2);
      const before = load.totals();
      expect(before.sent).to.equal(before.accepted + before.failed + before.inFlight);
      await load.stop();
      const totals = load.totals();
      expect(totals.intended).to.equal(seconds.reduce((sum, {intended}) => sum + intended, 0));
      expect(totals).to.include({accepted: server.requests(), inFlight: 0});
      expect(new Set(seconds.map(({at}) => at))).to.have.property('size', seconds.length);
      expect([...seen]).to.deep.equal(['key t0ken']);
    } finally {
      await server.close();
    }
  });

  it('is refused as it would be without one, and shows no secret', async () => {
    const error = await start(`${REFERENCE}/x`, get, 'no url').catch((thrown: unknown) => thrown);
    expect(error).to.be.instanceOf(FiredrillError);
    expect(error).to.include({
      code: 'PROBE_UNUSABLE',
      message: `Expected an http or https URL in \`${REFERENCE}/x\`.`,
    });
  });
});
