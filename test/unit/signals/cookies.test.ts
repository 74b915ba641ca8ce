import {expect} from 'chai';
import {CookieJar} from '../../../src/signals/http/cookies.js';

const SHOP = new URL('https://www.shop.test/cart/items');

function after(fields: readonly string[], from = SHOP): CookieJar {
  const jar = new CookieJar(() => 1_000_000);
  jar.take(from, fields);
  return jar;
}

const sent = (fields: readonly string[], to: string, from = SHOP) => after(fields, from).fieldFor(new URL(to));

describe('the cookies of a user', () => {
  it('go back to the host that gave them, the one with the longest path first', () => {
    expect(sent(['a=1; Path=/', 'b=2'], 'https://www.shop.test/cart/x')).to.equal('b=2; a=1');
    expect(sent(['a=1; Path=/', 'b=2'], 'https://www.shop.test/other')).to.equal('a=1');
    expect(sent(['a=1; Path=/car'], 'https://www.shop.test/cart')).to.equal(undefined);
  });

  it('go to no other host, unless both are below the domain that they name', () => {
    expect(sent(['a=1; Path=/'], 'https://shop.test/')).to.equal(undefined);
    expect(sent(['a=1; Path=/; Domain=.shop.test'], 'https://api.shop.test/')).to.equal('a=1');
    expect(sent(['a=1; Path=/; Domain=shop.test'], 'https://evilshop.test/')).to.equal(undefined);
    expect(sent(['a=1; Path=/; Domain=other.test'], 'https://other.test/')).to.equal(undefined);
    expect(sent(['a=1; Path=/; Domain=test'], 'https://other.test/')).to.equal(undefined);
    const address = new URL('http://127.0.0.1:80/');
    expect(sent(['a=1; Domain=0.0.1'], 'http://10.0.0.1/', address)).to.equal(undefined);
  });

  it('stay on TLS where they are to, end when they are to, and are replaced', () => {
    expect(sent(['a=1; Path=/; Secure'], 'http://www.shop.test/')).to.equal(undefined);
    expect(sent(['a=1; Path=/; Max-Age=0'], 'https://www.shop.test/')).to.equal(undefined);
    expect(sent(['a=1; Path=/; Expires=Thu, 01 Jan 1970 00:00:01 GMT'], 'https://www.shop.test/')).to.equal(undefined);
    expect(sent(['a=1; Path=/', 'a=2; Path=/'], 'https://www.shop.test/')).to.equal('a=2');
    expect(sent(['a=1; Path=/', 'a=; Path=/; Max-Age=-1'], 'https://www.shop.test/')).to.equal(undefined);
  });

  it('are bounded, and can hold no control character', () => {
    const many = Array.from({length: 60}, (_, i) => `c${i}=1; Path=/`);
    expect(sent(many, 'https://www.shop.test/')?.split('; ')).to.have.length(50);
    expect(sent([`a=${'x'.repeat(5000)}; Path=/`], 'https://www.shop.test/')).to.equal(undefined);
    const large = Array.from({length: 10}, (_, i) => `c${i}=${'x'.repeat(4000)}; Path=/`);
    expect(sent(large, 'https://www.shop.test/')?.length).to.be.below(8193);
    expect(sent(['a=1\r\nx: y; Path=/', '=2', 'nothing'], 'https://www.shop.test/')).to.equal(undefined);
  });
});
