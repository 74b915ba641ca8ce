import {expect} from 'chai';
import {mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {FiredrillError} from '../../../src/system/error.js';
import {excerpt, openSecrets, revealUrl, tooShortSecrets, withoutPasswords} from '../../../src/system/secrets.js';
import {scratchFolder} from '../../support/shop.js';

describe('Secrets', () => {
  it('are put in at the moment of use, from the environment and from files', () => {
    const folder = mkdtempSync(join(tmpdir(), 'firedrill-secrets-'));
    try {
      const path = join(folder, 'token');
      writeFileSync(path, 'from-file\n');
      const secrets = openSecrets({TOKEN: 'from-env'});
      expect(secrets.reveal(`a \${secret:env:TOKEN} b \${secret:file:${path}} c`)).to.equal('a from-env b from-file c');
    } finally {
      rmSync(folder, {recursive: true});
    }
  });

  it('leave a text without references as it is', () => {
    expect(openSecrets({}).reveal('${env:HOME} $& $1 plain')).to.equal('${env:HOME} $& $1 plain');
  });

  it('are put in to the letter, whatever they look like', () => {
    const value = '$& $1 $$ ${secret:env:OTHER}';
    expect(openSecrets({TOKEN: value}).reveal('<${secret:env:TOKEN}>')).to.equal(`<${value}>`);
  });

  for (const [what, environment] of [
    ['not set', {}],
    ['empty', {TOKEN: ''}],
  ] as const) {
    it(`are missing when the variable is ${what}, with its name and no other value`, () => {
      const secrets = openSecrets({...environment, OTHER: 'precious'});
      expect(() => secrets.reveal('${secret:env:TOKEN}'))
        .to.throw(FiredrillError, '`TOKEN`')
        .that.satisfies(
          (error: FiredrillError) => error.code === 'SECRET_MISSING' && !error.message.includes('precious'),
        );
    });
  }

  it('are missing when the file cannot be read', () => {
    expect(() => openSecrets({}).reveal('${secret:file:/nowhere/at/all}')).to.throw(FiredrillError, '/nowhere/at/all');
  });

  it('are taken out of any text once they were used, also as they look in JSON and in URLs', () => {
    const secrets = openSecrets({TOKEN: 'pa"ss/wörd'});
    expect(secrets.redact('pa"ss/wörd')).to.equal('pa"ss/wörd');
    secrets.reveal('${secret:env:TOKEN}');
    for (const shown of ['pa"ss/wörd', JSON.stringify({a: 'pa"ss/wörd'}), `?t=${encodeURIComponent('pa"ss/wörd')}`])
      expect(secrets.redact(shown), shown)
        .to.contain('***')
        .and.not.match(/w(ö|%C3%B6)rd/);
  });

  it('are taken out whole when one contains another', () => {
    const secrets = openSecrets({SHORT: 'abcd', LONG: 'abcdefgh'});
    secrets.reveal('${secret:env:SHORT}${secret:env:LONG}');
    expect(secrets.redact('abcdefgh abcd')).to.equal('*** ***');
  });

  it('are taken out as libraries write them: %-encoded in either case, as a form, in base64 wherever they begin', () => {
    const value = "p@ss w/rd+'1'";
    const secrets = openSecrets({TOKEN: value});
    secrets.reveal('${secret:env:TOKEN}');
    const url = new URL('http://u@h/');
    url.password = value;
    const forms = [
      encodeURIComponent(value),
      encodeURIComponent(value).toLowerCase(),
      new URLSearchParams({q: value}).toString().slice(2),
      url.password,
      ...['', 'u:', 'ab:', 'abc:'].flatMap(before => [
        Buffer.from(`${before}${value}`).toString('base64'),
        Buffer.from(`${before}${value}, and more`).toString('base64url'),
      ]),
    ];
    for (const form of forms) expect(secrets.redact(`<${form}>`), form).to.equal('<***>');
  });

  it('are taken out by the line where they have several, and with the password in them where they are a URL', () => {
    const secrets = openSecrets({KEY: 'first-line\r\nsecond-line', DB: 'postgres://u:p%40ss@db/x'});
    secrets.reveal('${secret:env:KEY}${secret:env:DB}');
    expect(secrets.redact('got second-line; password p@ss or p%40ss')).to.equal('got ***; password *** or ***');
    const several = openSecrets({DB: 'postgres://u:p%40ss@a:5432,b:5433/x'});
    several.reveal('${secret:env:DB}');
    expect(several.redact('password p@ss or p%40ss')).to.equal('password *** or ***');
  });

  it('are overwritten in place by as many bytes', () => {
    const secrets = openSecrets({TOKEN: 'wörd'});
    secrets.reveal('${secret:env:TOKEN}');
    const bytes = Buffer.from('a wörd, wörd');
    expect(secrets.mask(bytes)).to.equal(true);
    expect(bytes.toString()).to.equal('a *****, *****');
    expect(secrets.mask(bytes)).to.equal(false);
  });

  it('lead a URL nowhere else, whatever they hold', () => {
    const revealed = (value: string, text: string) => revealUrl(text, openSecrets({S: value}).reveal);
    const url = new URL(revealed('pa@127.0.0.2:28141/s#x', 'http://u:${secret:env:S}@127.0.0.1:80/a'));
    expect([url.host, url.pathname, decodeURIComponent(url.password)]).to.deep.equal([
      '127.0.0.1',
      '/a',
      'pa@127.0.0.2:28141/s#x',
    ]);
    expect(revealed('a/b?c', 'http://h/${secret:env:S}')).to.equal('http://h/a%2Fb%3Fc');
    expect(revealed('evil/x', 'http://${secret:env:S}/a')).to.equal('http://evil%2Fx/a');
    expect(revealed('shop:8080', 'http://${secret:env:S}/a')).to.equal('http://shop:8080/a');
    expect(revealed('http://h:1/b', '${secret:env:S}/a')).to.equal('http://h:1/b/a');
    expect(revealed('http://u:p@h/?a#b', '${secret:env:S}')).to.equal('http://u:p@h/?a#b');
  });

  it('include every password that is written into a URL', () => {
    expect(withoutPasswords('get http://user:pa@ss@host:80/x and postgres://u:***@h/d')).to.equal(
      'get http://user:***@host:80/x and postgres://u:***@h/d',
    );
    for (const harmless of ['http://host:80/a@b', 'http://u@host/', 'http://u:${secret:env:P}@h/', 'a:b@c'])
      expect(withoutPasswords(harmless)).to.equal(harmless);
  });

  it('take no long time to be looked for', () => {
    const secrets = openSecrets({TOKEN: 'abcdefgh'});
    secrets.reveal('${secret:env:TOKEN}');
    const long = 'a+.'.repeat(1_000_000);
    expect(secrets.redact(`${long}://`)).to.equal(`${long}://`);
  });

  it('are told by name when they are too short to be taken out', () => {
    const text = '${secret:env:PIN} ${secret:env:PIN} ${secret:env:LONG} ${secret:file:/x} ${secret:env:NONE}';
    expect(tooShortSecrets(text, {PIN: '123', LONG: '1234'})).to.deep.equal(['PIN']);
  });

  it('are told by file when they are too short to be taken out; nothing but small files is looked into', () => {
    using folder = scratchFolder();
    const file = (name: string, content: string) => {
      writeFileSync(join(folder.path, name), content);
      return `\${secret:file:${join(folder.path, name)}}`;
    };
    const text = [
      file('pin', '123\n'),
      file('long', '1234\n'),
      file('empty', ''),
      `\${secret:file:${folder.path}}`,
    ].join(' ');
    expect(
      tooShortSecrets(
        `${text} \${secret:file:/no/such/file} \${secret:file:/proc/kmsg} \${secret:file:/${'a'.repeat(5_000)}}`,
        {},
      ),
    ).to.deep.equal([join(folder.path, 'pin')]);
  });

  it('are taken out of a text before it is cut', () => {
    const secrets = openSecrets({TOKEN: 'swordfish'});
    secrets.reveal('${secret:env:TOKEN}');
    expect(excerpt('  login with swordfish failed', 15, secrets.redact)).to.equal('login with *** …');
    expect(excerpt('login failed\n', 15, secrets.redact)).to.equal('login failed');
  });

  it('are left in when they are too short to be told from words', () => {
    const secrets = openSecrets({PIN: 'abc'});
    secrets.reveal('${secret:env:PIN}');
    expect(secrets.redact('abc alphabet')).to.equal('abc alphabet');
  });
});
