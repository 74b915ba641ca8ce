import {expect} from 'chai';
import {parameters} from '../../../src/faults/http-call/parameters.js';

const url = 'http://127.0.0.1:8080/broken';
const problems = (written: unknown) =>
  (parameters().safeParse(written).error?.issues ?? []).map(({path, message}) => `${path.join('.')}: ${message}`);

describe('Fault http-call', () => {
  it('gives every request a method, a good status and the time-out', () => {
    const normal = {url, headers: {}, status: [[200, 299]], timeoutMs: 10_000};
    expect(parameters().parse({do: {url}, undo: {url, method: 'DELETE'}})).to.deep.equal({
      do: {...normal, method: 'GET'},
      undo: {...normal, method: 'DELETE'},
    });
    const proof = {url, status: 'not a status'};
    expect(problems({do: {url}, proof})).to.deep.equal([
      'proof.status: expected a status such as `204`, `2xx` or `200-299`; got `not a status`',
    ]);
  });

  it('sends data as JSON, by POST, and not beside a text', () => {
    const json = {sku: 'B2'};
    expect(parameters().parse({do: {url, json}, timeout: '2s'}).do).to.deep.equal({
      url,
      method: 'POST',
      headers: {'content-type': 'application/json'},
      body: '{"sku":"B2"}',
      status: [[200, 299]],
      timeoutMs: 2_000,
    });
    expect(problems({do: {url, json, body: 'x'}})).to.deep.equal(['do.body: expected `json` or `body`; got both']);
  });

  it('takes a reason in place of an undo, and no unknown key', () => {
    const undo = {nothing: 'it only reloads'};
    expect(parameters().parse({do: {url}, undo}).undo).to.deep.equal(undo);
    expect(problems({do: {url}, undo: {noting: 'x'}})[0]).to.include('`{ nothing: REASON }`');
    expect(problems({do: {url, bodyMatches: 'x'}})).to.have.length(1);
  });
});
