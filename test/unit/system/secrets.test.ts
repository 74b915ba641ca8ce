import {expect} from 'chai';
import {mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {FiredrillError} from '../../../src/system/error.js';
import {openSecrets} from '../../../src/system/secrets.js';

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

  it('are left in when they are too short to be told from words', () => {
    const secrets = openSecrets({PIN: 'abc'});
    secrets.reveal('${secret:env:PIN}');
    expect(secrets.redact('abc alphabet')).to.equal('abc alphabet');
  });
});
