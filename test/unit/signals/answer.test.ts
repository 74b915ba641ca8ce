import {expect} from 'chai';
import type {IdSpec} from '../../../src/signals/writes/spec.js';
import type {AnswerCheck} from '../../../src/signals/load/spec.js';
import type {WireAnswer} from '../../../src/signals/http/exchange.js';
import {answerRule, KEPT_BYTES} from '../../../src/signals/load/answer.js';
import {loadUser} from '../../support/load-user.js';

const FIELDS: Readonly<Record<string, string[]>> = {'content-type': ['application/json'], 'x-count': ['5']};

const answer = (overrides: Partial<WireAnswer> = {}): WireAnswer => {
  const content = Buffer.from(JSON.stringify({state: 'sold', left: 3, items: [{sku: 'A1', n: 1}], none: null}));
  return {status: 200, size: content.length, fields: name => FIELDS[name] ?? [], content, ...overrides};
};

const CHECKS: readonly (readonly [check: AnswerCheck, holds: boolean])[] = [
  [{name: 'a', status: [[200, 200]]}, true],
  [{name: 'a', status: [[201, 204]]}, false],
  [{name: 'a', maxSize: 100}, true],
  [{name: 'a', maxSize: 10}, false],
  [{name: 'a', header: 'content-type'}, true],
  [{name: 'a', header: 'content-type', is: {contains: 'json'}}, true],
  [{name: 'a', header: 'content-type', is: {equals: 'text/html'}}, false],
  [{name: 'a', header: 'x-missing'}, false],
  [{name: 'a', body: {contains: '"sold"'}}, true],
  [{name: 'a', body: {matches: 'so[a-z]d'}}, true],
  [{name: 'a', body: {matches: '^sold'}}, false],
  [{name: 'a', json: '$.state', is: {equals: 'sold'}}, true],
  [{name: 'a', json: '$.left', is: {equals: 3}}, true],
  [{name: 'a', json: '$.left', is: {equals: '3'}}, false],
  [{name: 'a', json: '$.items[0]', is: {equals: {n: 1, sku: 'A1'}}}, true],
  [{name: 'a', json: '$.items[0].sku', is: {matches: '^A'}}, true],
  [{name: 'a', json: '$.items[1]'}, false],
  [{name: 'a', header: 'x-count', is: {equals: 5}}, true],
  [{name: 'a', json: '$.none', is: {equals: null}}, true],
];

/** What a request counts as, with the id of the write that its answer acknowledges. */
function judged(request: Parameters<typeof answerRule>[0], given = answer()) {
  const user = loadUser();
  return [answerRule(request).outcomeOf(given, user), user.written];
}

describe('the checks of an answer', () => {
  const outcomeOf = (check: AnswerCheck, given = answer()) =>
    answerRule({success: [[200, 299]], checks: [check]}).outcomeOf(given, loadUser());

  for (const [check, holds] of CHECKS) {
    const {name: _, ...asked} = check;
    it(`${holds ? 'take' : 'refuse'} an answer by ${JSON.stringify(asked)}`, () => {
      expect(outcomeOf(check)).to.equal(holds ? 'ok' : 'check-a');
    });
  }

  it('find nothing in a body that is no JSON, or that was cut off', () => {
    for (const text of ['', 'plain', '{"a": 1'])
      expect(outcomeOf({name: 'a', json: '$'}, answer({content: Buffer.from(text)}))).to.equal('check-a');
  });

  it('keep the body only where one of them looks into it', () => {
    const keptBytes = (checks: readonly AnswerCheck[]) => answerRule({success: [], checks}).keptBytes;
    expect(keptBytes([])).to.equal(0);
    expect(
      keptBytes([
        {name: 'a', maxSize: 1},
        {name: 'b', header: 'x'},
      ]),
    ).to.equal(0);
    expect(keptBytes([{name: 'a', json: '$.a'}])).to.equal(KEPT_BYTES);
  });
  it('read the id of a write out of a good answer, and take one without an id for an error', () => {
    const idOf = (id: IdSpec, given = answer()) => judged({success: [[200, 299]], id}, given);
    const body = (text: string) => answer({content: Buffer.from(text)});
    expect(idOf({json: '$.left'})).to.deep.equal(['ok', '3']);
    expect(idOf({json: '$.items[0].sku'})).to.deep.equal(['ok', 'A1']);
    expect(idOf({json: '$.items[0].sku', matches: '[0-9]+'})).to.deep.equal(['ok', '1']);
    expect(idOf({header: 'x-count'})).to.deep.equal(['ok', '5']);
    expect(idOf({matches: '"n":([0-9]+)'})).to.deep.equal(['ok', '1']);
    expect(idOf({json: '$.id'}, body('{"id": "  a b\\n"}'))).to.deep.equal(['ok', 'a b']);
    const without = ['{"id": ""}', '{"id": null}', '{"id": {}}', '{"id": true}', 'x', `{"id": "${'x'.repeat(300)}"}`];
    for (const text of without) expect(idOf({json: '$.id'}, body(text)), text).to.deep.equal(['check-id', undefined]);
    // Two such numbers may read as the same one.
    expect(idOf({json: '$.id'}, body('{"id": 9007199254740993}'))).to.deep.equal(['check-id', undefined]);
    expect(idOf({matches: '"id": ([0-9]+)'}, body('{"id": 9007199254740993}'))[1]).to.equal('9007199254740993');
    expect(idOf({json: '$.left'}, answer({status: 503}))).to.deep.equal(['status-503', undefined]);
    expect(answerRule({success: [], id: {header: 'location'}}).keptBytes).to.equal(0);
    expect(answerRule({success: [], id: {json: '$.id'}}).keptBytes).to.equal(KEPT_BYTES);
  });
});
