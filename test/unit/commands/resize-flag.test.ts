import {expect} from 'chai';
import {parseResize, withResizeLimit} from '../../../src/commands/resize-flag.js';

describe('--resize', () => {
  it('means the default limit alone, and another one with a duration', () => {
    expect(withResizeLimit(['x.yaml', '--resize', '--yes'])).to.deep.equal(['x.yaml', '--resize=10m', '--yes']);
    expect(withResizeLimit(['--resize', 'x.yaml'])).to.deep.equal(['--resize=10m', 'x.yaml']);
    expect(withResizeLimit(['--resize', '5m', 'x.yaml'])).to.deep.equal(['--resize', '5m', 'x.yaml']);
    expect(withResizeLimit(['x.yaml', '--resize=90s'])).to.deep.equal(['x.yaml', '--resize=90s']);
    expect(withResizeLimit(['--', '--resize'])).to.deep.equal(['--', '--resize']);
  });

  it('is a duration, or wrong', () => {
    expect(parseResize(undefined)).to.equal(undefined);
    expect(parseResize('90s')).to.equal(90_000);
    for (const wrong of ['soon', '5', '0s', '']) expect(() => parseResize(wrong)).to.throw('such as `5m`');
  });
});
