import {expect} from 'chai';
import {parseGoOn, withGoOnLimit} from '../../../src/commands/go-on-flag.js';

describe('--go-on', () => {
  it('means the default limit alone, and another one with a duration', () => {
    expect(withGoOnLimit(['x.yaml', '--go-on', '--yes'])).to.deep.equal(['x.yaml', '--go-on=5m', '--yes']);
    expect(withGoOnLimit(['--go-on', 'x.yaml'])).to.deep.equal(['--go-on=5m', 'x.yaml']);
    expect(withGoOnLimit(['--go-on', '10m', 'x.yaml'])).to.deep.equal(['--go-on', '10m', 'x.yaml']);
    expect(withGoOnLimit(['x.yaml', '--go-on=90s'])).to.deep.equal(['x.yaml', '--go-on=90s']);
    expect(withGoOnLimit(['--', '--go-on'])).to.deep.equal(['--', '--go-on']);
  });

  it('is still known by its old name, with the limit that it always had', () => {
    expect(withGoOnLimit(['x.yaml', '--resize', '--yes'])).to.deep.equal(['x.yaml', '--resize=10m', '--yes']);
    expect(withGoOnLimit(['--resize', '5m', 'x.yaml'])).to.deep.equal(['--resize', '5m', 'x.yaml']);
  });

  it('is a duration, or wrong', () => {
    expect(parseGoOn(undefined)).to.equal(undefined);
    expect(parseGoOn('90s')).to.equal(90_000);
    for (const wrong of ['soon', '5', '0s', '']) expect(() => parseGoOn(wrong)).to.throw('such as `5m`');
  });
});
