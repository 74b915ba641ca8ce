import {expect} from 'chai';
import {parseJsonPath, valueAt} from '../../../src/quantities/json-path.js';
import {readJsonNumber, matchedNumberReader, readNumber} from '../../../src/signals/number.js';

const why = (reading: {value: number | null; why?: string}) => [reading.value, reading.why];

describe('a path into JSON', () => {
  it('has members, indexes and quoted names, with or without the root', () => {
    expect(parseJsonPath('$.orders[0].open')).to.deep.equal(['orders', 0, 'open']);
    expect(parseJsonPath(`$['open orders']["x"]`)).to.deep.equal(['open orders', 'x']);
    expect(parseJsonPath('queue.depth')).to.deep.equal(['queue', 'depth']);
    expect(parseJsonPath('$')).to.deep.equal([]);
  });

  it('is refused where it could name several values or is cut short', () => {
    for (const text of ['', '$..depth', '$.*', '$.a[*]', '$.a[', '$.a.', 'a b', '$a', '$.a[-1]', '$.a[?(@.b)]'])
      expect(parseJsonPath(text), text).to.equal(undefined);
  });

  it('finds own members only', () => {
    expect(valueAt({a: [1, {b: 2}]}, ['a', 1, 'b'])).to.equal(2);
    expect(valueAt({a: 1}, ['constructor'])).to.equal(undefined);
    expect(valueAt(['x'], ['length', 0])).to.equal(undefined);
    expect(valueAt(null, ['a'])).to.equal(undefined);
  });
});

describe('reading a number', () => {
  it('takes a whole text with white space around it', () => {
    for (const [text, value] of [
      [' 42\n', 42],
      ['-1.5e3', -1500],
      ['+.5', 0.5],
      ['7.', 7],
    ] as const)
      expect(readNumber(text)).to.deep.equal({value});
  });

  it('refuses everything else with what came instead', () => {
    for (const text of ['', 'NaN', 'Infinity', '12 apples', '0x10', '1e999', '1,5', 'true'])
      expect(readNumber(text).value, text).to.equal(null);
    expect(why(readNumber('12 apples'))).to.deep.equal([null, 'expected a number; got `12 apples`']);
    expect(why(readNumber('\n'))).to.deep.equal([null, 'expected a number; got nothing']);
  });

  it('takes a number out of JSON, also one that is written as text', () => {
    expect(readJsonNumber('{"a": {"b": 3}}', '$.a.b')).to.deep.equal({value: 3});
    expect(readJsonNumber('{"a": "3.5"}', 'a')).to.deep.equal({value: 3.5});
    expect(why(readJsonNumber('{"a": true}', 'a'))).to.deep.equal([null, 'expected a number at `a`; got `true`']);
    expect(why(readJsonNumber('{}', '$.a'))).to.deep.equal([null, 'nothing at `$.a`']);
    expect(why(readJsonNumber('<html>', '$.a'))).to.deep.equal([null, 'expected JSON; got `<html>`']);
  });

  it('takes the first group of a match, or the whole match', () => {
    expect(matchedNumberReader('depth=(\\d+)')('depth=17 of 20')).to.deep.equal({value: 17});
    expect(matchedNumberReader('\\d+')('depth 17')).to.deep.equal({value: 17});
    expect(matchedNumberReader('depth (\\w+)')('depth none').value).to.equal(null);
    expect(why(matchedNumberReader('\\d+')('x'))).to.deep.equal([null, 'no match for `\\d+` in `x`']);
  });
});
