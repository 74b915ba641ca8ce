import {expect} from 'chai';
import {parseRedisUrl} from '../../../src/signals/stores/redis/address.js';
import * as redis from '../../../src/signals/probes/redis/parameters.js';

const url = 'redis://127.0.0.1:6379';

describe('the parameters of the redis probe', () => {
  const problems = (given: object) =>
    redis
      .parameters()
      .safeParse(given)
      .error?.issues.map(({path, message}) => `${path.join('.')}: ${message}`) ?? [];
  const facts = (given: object) => {
    const parsed = redis.parameters().parse({url, ...given}) as never;
    return [redis.unitOf(parsed), redis.worseOf(parsed), redis.rangeOf(parsed, 2000)];
  };

  it('name one thing to read, from one server or several', () => {
    expect(problems({url})).to.deep.equal([
      'info: expected one of `info`, `role`, `length`, `get` and `measure`; got none of them',
    ]);
    expect(problems({url, info: 'connected_slaves', measure: 'up'})).to.deep.equal([
      'measure: expected one of `info`, `role`, `length`, `get` and `measure`; got `info` too',
    ]);
    expect(problems({url, urls: [url], get: 'a'})).to.deep.equal(['urls: expected `url` or `urls`; got both']);
    expect(problems({get: 'a'})).to.deep.equal(['url: expected `url` or `urls`; got neither']);
    expect(problems({url, role: 'primary', ask: 'primary'})[0]).to.contain('use `measure: up`');
    expect(problems({url, unit: 'bytes', length: 'a'})[0]).to.equal('unit: expected `unit` only with `info` or `get`');
    expect(problems({url, info: 'used memory'})[0]).to.contain('expected a field of INFO');
  });

  it('take a password only as a secret', () => {
    for (const good of [
      url,
      'rediss://[::1]:6380/3',
      '${secret:env:REDIS_URL}',
      'redis://:${secret:env:PW}@db/0',
      'redis://${secret:env:ME}:${secret:file:/run/pw}@db:6379',
    ])
      expect(problems({url: good, get: 'a'}), good).to.deep.equal([]);
    for (const bad of ['http://a', 'redis://', 'redis://db/name', '127.0.0.1:6379'])
      expect(problems({url: bad, get: 'a'})[0], bad).to.match(/^url: expected `redis:\/\/HOST:PORT`/);
    const [problem] = problems({urls: [url, 'redis://me:hunter2@db'], get: 'a'});
    expect(problem).to.match(/^urls\.1: expected the password .* as `\$\{secret/);
    expect(problem).to.not.contain('hunter2');
  });

  it('know the unit, the bad direction and the range', () => {
    expect(facts({info: 'used_memory'})).to.deep.equal(['bytes', 'either', {}]);
    expect(facts({info: 'used_memory_dataset_perc'})[0]).to.equal('number');
    expect(facts({info: 'master_repl_offset'})[0]).to.equal('bytes');
    expect(facts({info: 'connected_slaves', unit: 'count'})[0]).to.equal('count');
    expect(facts({role: 'master'})).to.deep.equal(['number', 'lower', {least: 0, most: 1}]);
    expect(facts({length: 'queue'})).to.deep.equal(['count', 'either', {least: 0}]);
    expect(facts({measure: 'latency'})).to.deep.equal(['ms', 'higher', {least: 0, below: 2000}]);
    expect(facts({measure: 'up'})).to.deep.equal(['number', 'lower', {least: 0, most: 1}]);
  });
});

describe('the URL of a Redis server', () => {
  it('is read in its parts, with its escapes', () => {
    expect(parseRedisUrl('rediss://u%40x:p%2Fw@[::1]:6380/3')).to.deep.equal({
      host: '::1',
      port: 6380,
      user: 'u@x',
      password: 'p/w',
      database: 3,
      encrypted: true,
    });
    expect(parseRedisUrl('redis://:pw@db')).to.include({user: undefined, password: 'pw', port: 6379, database: 0});
  });

  it('is refused without ever being told, because it may hold a password', () => {
    for (const wrong of ['http://u:s3cret@h', 'redis://u:s3cret@h/a', 'redis://u:s3cret@h?tls=1', 's3cret'])
      expect(() => parseRedisUrl(wrong), wrong)
        .to.throw(/`url` of `redis`/)
        .and.to.not.match(/s3cret/);
  });
});
