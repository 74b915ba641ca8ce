import {expect} from 'chai';
import {askContainer} from '../../../../src/targets/drivers/docker/engine/ask.js';
import type {Engine} from '../../../../src/targets/drivers/docker/engine/engine.js';
import {failureOf} from '../../../../src/targets/drivers/kubernetes/api/failure.js';
import {openSecrets} from '../../../../src/system/secrets.js';

const SECRET = 'swordfish';
const {reveal, redact} = openSecrets({TOKEN: SECRET});

/** A text of which a cut after so many characters would leave half of the secret. */
const halved = (cut: number) => `${'x'.repeat(cut - 5)}${SECRET} was refused`;

/** An engine in which every command ends with 1 and complains so. */
function complaining(text: string): Engine {
  const header = Buffer.alloc(8);
  header[0] = 2;
  header.writeUInt32BE(Buffer.byteLength(text), 4);
  const exec = {
    start: () => Promise.resolve([Buffer.concat([header, Buffer.from(text)])]),
    inspect: () => Promise.resolve({ExitCode: 1}),
  };
  return {redact, docker: {getContainer: () => ({exec: () => Promise.resolve(exec)})}} as unknown as Engine;
}

describe('what a target says and is told in part', () => {
  before(() => void reveal('${secret:env:TOKEN}'));

  it('holds no half of a secret: the output of a command in a container', async () => {
    const ref = {name: 'db', object: 'abc', kind: 'container'} as unknown as Parameters<typeof askContainer>[1];
    const error = await askContainer(complaining(halved(300)), ref, ['login'], new AbortController().signal).catch(
      String,
    );
    expect(error).to.include('it ended with code 1: xxx').and.not.include('sword');
  });

  it('holds no half of a secret: the answer of an API server that is no status', () => {
    const failure = failureOf({verb: 'get', resource: 'pods'}, {code: 502, body: halved(200)}, redact);
    expect(failure.detail)
      .to.match(/^x{190}/)
      .and.not.include('sword');
  });
});
