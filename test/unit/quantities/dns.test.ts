import {expect} from 'chai';
import fc from 'fast-check';
import {foldName, matchesName} from '../../../src/quantities/dns.js';

describe('patterns of names', () => {
  it('match exactly, below a domain, or by a part of a label, whatever the case and the last dot', () => {
    const rows: readonly [string, string, boolean][] = [
      ['db.example.com', 'db.example.com', true],
      ['DB.example.com.', 'db.Example.com', true],
      ['db.example.com', 'xdb.example.com', false],
      ['db.example.com', 'db.example.com.evil', false],
      ['*.example.com', 'a.example.com', true],
      ['*.example.com', 'a.b.example.com', true],
      ['*.example.com', 'example.com', false],
      ['*.example.com', 'badexample.com', false],
      ['db-*', 'db-1.local', true],
      ['db-*.local', 'db-1.remote', false],
      ['*', 'anything', true],
      ['*', '', true],
      ['a*b*c', 'abc', true],
      ['a*b*c', 'aXbXbc', true],
      ['a*b*c', 'acb', false],
      // A dot is a dot.
      ['a.b', 'axb', false],
    ];
    for (const [pattern, name, expected] of rows)
      expect(matchesName(pattern, foldName(name)), `${pattern} ~ ${name}`).to.equal(expected);
  });

  it('say the same as the regular expression that they stand for', () => {
    const text = fc.string({unit: fc.constantFrom('a', 'b', '.', '*'), maxLength: 12});
    fc.assert(
      fc.property(text, fc.string({unit: fc.constantFrom('a', 'b', '.'), maxLength: 12}), (pattern, raw) => {
        const source = foldName(pattern).replaceAll('.', '\\.').replaceAll('*', '.*');
        const name = foldName(raw);
        expect(matchesName(pattern, name)).to.equal(new RegExp(`^${source}$`).test(name));
      }),
    );
  });

  it('take no longer for a pattern that is all stars', () => {
    const started = performance.now();
    matchesName(`${'*a'.repeat(120)}b`, 'a'.repeat(253));
    expect(performance.now() - started).to.be.below(200);
  });
});
