import {expect} from 'chai';
import {parseVars} from '../../../src/commands/experiment-flags.js';
import {checkCommand, translateUsageError} from '../../../src/commands/usage.js';
import {FiredrillError} from '../../../src/system/error.js';

const COMMANDS = {run: {}, validate: {}, 'runs:list': {}, 'runs:show': {}};

function refusal(body: () => unknown): FiredrillError {
  try {
    body();
  } catch (error) {
    if (error instanceof FiredrillError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

describe('command line', () => {
  it('suggests the command that was probably meant', () => {
    const error = refusal(() => checkCommand(['vaildate', 'x.yaml'], COMMANDS));
    expect([error.code, error.exitCode, error.hint]).to.deep.equal(['BAD_USAGE', 2, 'did you mean `validate`?']);
    expect(refusal(() => checkCommand(['runs', 'lst'], COMMANDS)).hint).to.equal('did you mean `runs list`?');
  });

  it('lets known commands, topics, flags and nothing at all pass', () => {
    for (const args of [['run', 'x'], ['runs', 'list'], ['runs'], ['runs', '--help'], ['--help'], []]) {
      expect(() => checkCommand(args, COMMANDS)).not.to.throw();
    }
  });

  it('takes a value that a flag cannot have for wrong usage, not for a bug', () => {
    const thrown = new Error(
      'Parsing --metrics-port \n\tExpected an integer but received: abc\nSee more help with --help',
    );
    const error = translateUsageError(thrown, ['run', 'x', '--metrics-port', 'abc'], COMMANDS);
    expect(error).to.be.instanceOf(FiredrillError);
    expect(error).to.include({code: 'BAD_USAGE', message: '--metrics-port: Expected an integer but received: abc'});
    const bug = new Error('x is undefined');
    expect(translateUsageError(bug, ['run'], COMMANDS)).to.equal(bug);
  });

  it('reads --var pairs, values with `=` included', () => {
    expect(parseVars(['a=1', 'b=x=y', 'c='])).to.deep.equal({a: '1', b: 'x=y', c: ''});
  });

  it('refuses a --var without a name or a value, and one given twice', () => {
    for (const pairs of [['a'], ['=b'], ['a=1', 'a=2']])
      expect(refusal(() => parseVars(pairs)).code).to.equal('BAD_USAGE');
  });
});
