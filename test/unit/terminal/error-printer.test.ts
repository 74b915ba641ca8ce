import {expect} from 'chai';
import {FiredrillError} from '../../../src/system/error.js';
import {errorJson, printError} from '../../../src/terminal/error-printer.js';
import {outputToText} from '../../../src/terminal/output.js';

const expected = new FiredrillError('TARGET_NONE', 'Expected a container named `a`; there is none.', {
  hint: 'docker ps shows what runs.',
  cause: new Error('socket closed'),
});

describe('error printer', () => {
  it('prints message, cause, hint and code of an expected error, and no stack', () => {
    const output = outputToText();
    expect(printError(expected, output, 'x')).to.equal(3);
    expect(output.text()).to.equal(
      'error Expected a container named `a`; there is none.\n  because: socket closed\n  hint: docker ps shows what runs.\n  TARGET_NONE, exit code 3\n',
    );
  });

  it('prints the stack of a bug and what to report, and ends with 1', () => {
    const output = outputToText();
    expect(printError(new TypeError('x is undefined'), output, 'node v20')).to.equal(1);
    expect(output.text()).to.match(/this is a bug[^]*TypeError: x is undefined\n\s+at [^]*node v20/);
  });

  it('gives the same error as data', () => {
    expect(errorJson(expected)).to.deep.equal({
      error: {
        code: 'TARGET_NONE',
        message: 'Expected a container named `a`; there is none.',
        hint: 'docker ps shows what runs.',
        exit: 3,
        cause: 'socket closed',
      },
    });
    expect(errorJson('boom')).to.deep.equal({error: {code: 'BUG', message: 'boom', exit: 1}});
  });
});
