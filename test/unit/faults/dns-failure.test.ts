import {expect} from 'chai';
import {parameters} from '../../../src/faults/dns-failure/parameters.js';

const problems = (value: unknown) =>
  parameters()
    .safeParse(value)
    .error?.issues.map(({message}) => message)
    .join('; ');

describe('the parameters of dns-failure', () => {
  it('take one or several of everything, and hit all questions by default', () => {
    expect(parameters().parse({answer: 'nxdomain'})).to.deep.equal({answer: 'nxdomain', delay: 0, share: 1});
    const one = {answer: {address: '192.0.2.1'}, names: '*.example.com', types: 'AAAA', resolvers: '::1'};
    expect(parameters().parse(one)).to.deep.include({
      answer: {address: ['192.0.2.1']},
      names: ['*.example.com'],
      types: ['AAAA'],
      resolvers: ['::1'],
    });
    const several = {delay: '200ms', names: ['db', 'db-*.shop.'], types: ['A', 'SRV'], share: '20%', seed: 3};
    expect(parameters().parse(several)).to.deep.include({delay: 200, names: ['db', 'db-*.shop.'], share: 0.2, seed: 3});
  });

  it('refuse what would do nothing, or something else than it says', () => {
    expect(problems({})).to.contain('expected `answer`, `delay` or both');
    expect(problems({answer: 'timeout', delay: '1s'})).to.contain('no answer to hold back');
    expect(problems({answer: {address: '192.0.2.1'}, types: ['A', 'MX']})).to.contain('got `MX`');
    expect(problems({answer: 'nxdomain', share: '0%'})).to.contain('more than zero');
    expect(problems({answer: 'nxdomain', delay: '2m'})).to.contain('at most');
    expect(problems({answer: 'nxdomain', name: 'db'})).to.contain('name');
  });

  it('name what was expected where a value is none', () => {
    expect(problems({answer: 'NXDOMAIN'})).to.contain('expected `nxdomain`, `servfail`');
    expect(problems({answer: {address: 'db'}})).to.not.equal(undefined);
    expect(problems({answer: 'servfail', types: 'a'})).to.contain('expected a type of record such as `A`');
    for (const names of ['', 'a..b', 'a b', 'http://db'])
      expect(problems({answer: 'servfail', names}), names).to.contain('expected a name such as');
    expect(problems({answer: 'servfail', resolvers: 'dns'})).to.contain('expected the IP address of a name server');
  });
});
