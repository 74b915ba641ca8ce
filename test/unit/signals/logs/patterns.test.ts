import {expect} from 'chai';
import {PatternTree, wordsOf, type Pattern} from '../../../../src/signals/logs/patterns.js';

const tree = (most?: number) => new PatternTree<Pattern>(words => ({words, count: 0}), most);
const told = (patterns: PatternTree<Pattern>) =>
  [...patterns.patterns()].map(({words, count}) => `${count} ${words.join(' ')}`).sort();

describe('patterns of lines', () => {
  it('are what lines have in common', () => {
    const patterns = tree();
    for (const [user, item] of [
      ['ann', 'tea'],
      ['bob', 'tea'],
      ['cid', 'jam'],
    ])
      patterns.learn(`order of ${user} placed: ${item} for 12.50 at 10.0.0.7:8080`, 'other');
    patterns.learn('inventory ready', 'other');
    expect(told(patterns)).to.deep.equal(['1 inventory ready', '3 order of <*> placed: <*> for <*> at <*>']);
  });

  it('leave open what changes from line to line', () => {
    expect(wordsOf('took 12ms id=0f8fad5b-d9cb-469f-a165-70867728950e sha deadbeef01 n=0x1F')).to.deep.equal([
      'took',
      '<*>ms',
      'id=<*>',
      'sha',
      '<*>',
      'n=<*>',
    ]);
  });

  it('tell errors from other lines, and one class of status from another', () => {
    const patterns = tree();
    patterns.learn('call to inventory took 12 ms', 'other');
    patterns.learn('call to inventory took 12 ms', 'error');
    patterns.learn('"GET /cart HTTP/1.1" 200 12', 'other');
    patterns.learn('"GET /cart HTTP/1.1" 204 14', 'other');
    patterns.learn('"GET /cart HTTP/1.1" 503 13', 'other');
    expect(told(patterns)).to.deep.equal([
      '1 "GET /cart HTTP/<*>" 5xx <*>',
      '1 call to inventory took <*> ms',
      '1 call to inventory took <*> ms',
      '2 "GET /cart HTTP/<*>" 2xx <*>',
    ]);
  });

  it('are never more than may be held, whatever comes, and the oldest is forgotten', () => {
    const patterns = tree(50);
    patterns.learn('kept because it comes again and again', 'other');
    for (let i = 0; i < 20_000; i++) {
      const letters = i.toString().replace(/\d/g, digit => 'abcdefghij'.charAt(Number(digit)));
      patterns.learn(`${letters} ${letters}x ${'word '.repeat(i % 40)}`, 'other');
      if (i % 20 === 0) patterns.learn('kept because it comes again and again', 'other');
      expect(patterns.size).to.be.at.most(50);
    }
    expect(patterns.forgotten).to.equal(20_001 - 50);
    expect(told(patterns)).to.include('1001 kept because it comes again and again');
    const {leaves, children} = patterns as unknown as Record<'leaves' | 'children', Map<string, unknown>>;
    expect(leaves.size).to.be.at.most(50);
    expect(children.size).to.be.at.most(100);
  });

  it('of an endless line are cut', () => {
    expect(wordsOf('w '.repeat(5000))).to.have.length(80);
    expect(wordsOf('w'.repeat(5000))[0]).to.have.length(80);
  });

  it('of lines without any word are one', () => {
    const patterns = tree();
    patterns.learn('', 'other');
    patterns.learn('  ', 'other');
    expect(patterns.size).to.equal(1);
  });
});
