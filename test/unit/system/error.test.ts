import {expect} from 'chai';
import {describeError, FiredrillError, redactError} from '../../../src/system/error.js';

const redact = (text: string) => text.replaceAll('hunter22', '***');

describe('An error without secrets', () => {
  it('keeps code, message, hint and cause, but for the secrets in them', () => {
    const cause = new Error('connect postgres://u:hunter22@db', {cause: new Error('hunter22 refused')});
    const error = new FiredrillError('PROBE_UNUSABLE', 'got `hunter22`', {hint: 'look at hunter22', cause});
    const told = redactError(error, redact);
    expect(told).to.be.instanceOf(FiredrillError);
    expect(told).to.include({code: 'PROBE_UNUSABLE', message: 'got `***`', hint: 'look at ***', exitCode: 3});
    expect(describeError(told)).to.equal('got `***` (connect postgres://u:***@db (*** refused))');
  });

  it('has no secret in the stack of a bug either', () => {
    const told = redactError(new TypeError('hunter22 is not iterable'), redact);
    expect(told).to.be.instanceOf(TypeError);
    expect(`${told.message}${told.stack}`).to.contain('***').and.not.contain('hunter22');
  });
});
