import {expect} from 'chai';
import {parseDatabaseUrl as parseServers} from '../../../src/signals/stores/sql/address.js';
import * as sql from '../../../src/signals/probes/sql/parameters.js';
import * as tls from '../../../src/signals/probes/tls/parameters.js';
import {reverseName} from '../../../src/signals/probes/dns/records.js';
import type {JsonObject} from '../../../src/quantities/json.js';

const parseDatabaseUrl = (url: string) => parseServers(url).servers[0];

const refusal = (url: string) => {
  try {
    parseDatabaseUrl(url);
    return 'accepted';
  } catch (error) {
    return String(error);
  }
};

describe('the URL of a database', () => {
  it('is read in its parts, with its escapes', () => {
    expect(
      parseDatabaseUrl('postgres://r%40d:p%2Fw@db:6432/shop?sslmode=verify-full&application_name=x'),
    ).to.deep.equal({
      dialect: 'postgres',
      host: 'db',
      port: 6432,
      socketPath: undefined,
      user: 'r@d',
      password: 'p/w',
      database: 'shop',
      encryption: 'verified',
    });
    expect(parseDatabaseUrl('mariadb://u@[::1]/a')).to.include({dialect: 'mysql', host: '::1', port: 3306});
    expect(parseDatabaseUrl('postgresql://u@/a?host=/run/pg')).to.include({socketPath: '/run/pg/.s.PGSQL.5432'});
    expect(parseDatabaseUrl('mysql://u@h/a?socket=/run/m.sock&ssl-mode=REQUIRED')).to.include({
      socketPath: '/run/m.sock',
      encryption: 'required',
    });
    expect(parseDatabaseUrl('postgres://u@h/a?sslmode=prefer')).to.include({encryption: 'none'});
  });

  it('is refused without ever being told, because it may hold a password', () => {
    for (const url of [
      'oracle://u:s3cret@h/a',
      'postgres://u:s3cret@h/a?sslmode=maybe',
      'mysql://u:s3cret@h/a?schema=b',
    ])
      expect(refusal(url)).to.contain('probe `sql`').and.not.contain('s3cret');
    expect(refusal('mysql://u@h/a?schema=b')).to.contain('`schema`');
  });

  it('names several servers and which of them is wanted', () => {
    const {servers, wanted} = parseServers('postgresql://u@a,[::1]:6432/shop?target_session_attrs=prefer-standby');
    expect(servers.map(({host, port, user, database}) => [host, port, user, database])).to.deep.equal([
      ['a', 5432, 'u', 'shop'],
      ['::1', 6432, 'u', 'shop'],
    ]);
    expect(wanted).to.equal('prefer-standby');
    expect(
      parseServers('mysql://u:p%2Cw@a:1,b:2/shop').servers.map(({port, password}) => [port, password]),
    ).to.deep.equal([
      [1, 'p,w'],
      [2, 'p,w'],
    ]);
    for (const [url, what] of [
      ['postgres://u@a,/shop', 'a host in each place'],
      ['postgres://u@a,b/shop?host=/run/pg', 'one server'],
      ['mysql://u@a,b/shop?target_session_attrs=primary', 'only of PostgreSQL'],
      ['postgres://u@a,b/shop?target_session_attrs=leader', '`prefer-standby`'],
    ] as const)
      expect(refusal(url), url).to.contain(what);
  });

  it('is checked before the run where nothing of it but the login is secret', () => {
    const problems = (url: string) =>
      sql
        .parameters()
        .safeParse({url, query: 'select 1'})
        .error?.issues.map(({message}) => message) ?? [];
    const wrong = 'a:5432,b/shop?target_session_attrs=leader';
    expect(problems(`postgres://${wrong}`)[0]).to.contain('`target_session_attrs` to be one of');
    expect(problems(`postgres://u:\${secret:env:PW}@${wrong}`)[0]).to.contain('`target_session_attrs` to be one of');
    expect(problems('postgres://u:${secret:env:PW}@${secret:env:HOST}:5432/a?target_session_attrs=x')).to.be.empty;
  });

  it('may be a secret as a whole, and nothing else than a URL otherwise', () => {
    const issues = (url: string) => sql.parameters().safeParse({url, query: 'select 1'}).error?.issues ?? [];
    expect(issues('${secret:env:DB_URL}')).to.be.empty;
    expect(issues('postgres://u:${secret:env:PW}@h/a')).to.be.empty;
    expect(issues('http://h/a')).to.have.length(1);
    expect(issues('h')).to.have.length(1);
  });
});

describe('the parameters of the sql and tls probes', () => {
  it('want a statement for a number, and a unit for nothing else', () => {
    const wrong = (given: object) =>
      sql
        .parameters()
        .safeParse({url: 'mysql://u@h/a', ...given})
        .error?.issues.map(({message}) => message);
    expect(wrong({})).to.deep.equal(['expected `query` with `measure: number`; it is missing']);
    expect(wrong({measure: 'up', unit: 'ms'})).to.have.length(1);
    expect(sql.parameters().parse({url: 'mysql://u@h/a', measure: 'up'}).query).to.equal('select 1');
    expect(sql.unitOf({measure: 'number', unit: 'count'})).to.equal('count');
  });

  it('measure the time until a certificate ends as a duration, of which less is worse', () => {
    const parsed = tls.parameters().parse({address: '[::1]:8443'}) as JsonObject;
    expect(parsed).to.deep.equal({host: '::1', port: 8443, measure: 'expiry'});
    expect([tls.unitOf(parsed), tls.worseOf(parsed)]).to.deep.equal(['ms', 'lower']);
    expect(tls.parameters().safeParse({address: 'shop'}).success).to.equal(false);
  });
});

describe('the name under which an address is looked up', () => {
  it('is that of RFC 1035 and RFC 3596', () => {
    expect(reverseName('192.0.2.1')).to.equal('1.2.0.192.in-addr.arpa');
    expect(reverseName('::1')).to.equal(`1.${'0.'.repeat(31)}ip6.arpa`);
    expect(reverseName('2001:db8::ff00:42')).to.equal(
      '2.4.0.0.0.0.f.f.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa',
    );
    expect(reverseName('::ffff:192.0.2.1')).to.match(/^1\.0\.2\.0\.0\.0\.0\.c\.f\.f\.f\.f\./);
    expect(reverseName('www.example.com')).to.equal('www.example.com');
  });
});
