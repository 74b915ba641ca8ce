import {CLIError} from '@oclif/core/errors';
import {expect} from 'chai';
import {parseVars} from '../../../src/commands/experiment-flags.js';
import {
  asksForHelp,
  checkCommand,
  checkValues,
  commandIn,
  inOurWords,
  translateUsageError,
} from '../../../src/commands/usage.js';
import {FiredrillError} from '../../../src/system/error.js';

const IDS = ['run', 'validate', 'runs:list', 'runs:show'];

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
    const error = refusal(() => checkCommand(['vaildate', 'x.yaml'], IDS));
    expect([error.code, error.exitCode, error.hint]).to.deep.equal(['BAD_USAGE', 2, 'did you mean `validate`?']);
    expect(refusal(() => checkCommand(['runs', 'lst'], IDS)).hint).to.equal('did you mean `runs list`?');
  });

  it('takes the longest command that the words name, and asks for none before a flag', () => {
    expect(commandIn(['runs', 'list', 'x', '--json'], IDS)).to.deep.equal({id: 'runs:list', rest: ['x', '--json']});
    expect(commandIn(['runs:list', 'x'], IDS)).to.deep.equal({id: 'runs:list', rest: ['x']});
    expect(commandIn(['runs', '--json', 'list'], IDS)).to.equal(undefined);
    expect(refusal(() => checkCommand(['--json', 'run', 'x'], IDS)).message).to.equal(
      'Expected a command; got `--json`.',
    );
  });

  it('shows help where it is asked for before `--`, and where nothing is asked for', () => {
    expect([[], ['--help'], ['run', 'x', '--help']].map(asksForHelp)).to.deep.equal([true, true, true]);
    expect([['run'], ['run', '--', '--help']].map(asksForHelp)).to.deep.equal([false, false]);
  });

  it('lets known commands, topics, flags and nothing at all pass', () => {
    for (const args of [['run', 'x'], ['runs', 'list'], ['runs'], ['runs', '--help'], ['--help'], []]) {
      expect(() => checkCommand(args, IDS)).not.to.throw();
    }
  });

  it('refuses a flag whose value is missing, also where the next flag stands in its place', () => {
    const option = {type: 'option'};
    const flags = {'runs-dir': option, var: option, yes: {type: 'boolean'}, 'go-on': {...option, aliases: ['resize']}};
    const refused = (id: string, ...args: string[]) => refusal(() => checkValues(args, id, flags));
    expect(refused('run', 'x', '--runs-dir')).to.include({
      code: 'BAD_USAGE',
      message: 'Expected a value for `--runs-dir`; got nothing.',
      hint: 'firedrill run --help',
    });
    expect(refused('runs:list', '--runs-dir').hint).to.equal('firedrill runs list --help');
    expect(refused('run', 'x', '--var', '--yes')).to.include({
      message: 'Expected a value for `--var`; got `--yes`.',
      hint: 'firedrill run --help, or `--var=--yes` if that is the value',
    });
    for (const args of [
      ['run', 'x', '--runs-dir', 'y', '--var=a=1'],
      ['run', '--yes', 'x', '--go-on'],
      ['run', '--resize', '--yes', '--', '--var'],
    ])
      expect(() => checkValues(args, 'run', flags)).not.to.throw();
  });

  it('takes whatever else oclif refuses for wrong usage', () => {
    const thrown = new CLIError('Flag --seed can only be specified once');
    expect(translateUsageError(thrown, 'run')).to.include({code: 'BAD_USAGE'});
  });

  it('understands `help`, `help COMMAND` and `-h`', () => {
    expect(inOurWords(['-h'])).to.deep.equal(['--help']);
    expect(inOurWords(['help'])).to.deep.equal(['--help']);
    expect(inOurWords(['help', 'runs', 'show'])).to.deep.equal(['runs', 'show', '--help']);
    expect(inOurWords(['run', '-h'])).to.deep.equal(['run', '--help']);
    expect(inOurWords(['load', '--', '-h'])).to.deep.equal(['load', '--', '-h']);
  });

  it('takes a value that a flag cannot have for wrong usage, not for a bug', () => {
    const thrown = new Error(
      'Parsing --metrics-port \n\tExpected an integer but received: abc\nSee more help with --help',
    );
    const error = translateUsageError(thrown, 'run');
    expect(error).to.be.instanceOf(FiredrillError);
    expect(error).to.include({code: 'BAD_USAGE', message: '--metrics-port: Expected an integer but received: abc'});
    const bug = new Error('x is undefined');
    expect(translateUsageError(bug, 'run')).to.equal(bug);
  });

  it('reads --var pairs, values with `=` included', () => {
    expect(parseVars(['a=1', 'b=x=y', 'c='])).to.deep.equal({a: '1', b: 'x=y', c: ''});
  });

  it('refuses a --var without a name or a value, and one given twice', () => {
    for (const pairs of [['a'], ['=b'], ['a=1', 'a=2']])
      expect(refusal(() => parseVars(pairs)).code).to.equal('BAD_USAGE');
  });
});
