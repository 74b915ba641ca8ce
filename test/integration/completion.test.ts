import {execFileSync} from 'node:child_process';
import {mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {expect} from 'chai';
import {COMMAND_IDS} from '../../src/commands/index.js';
import {ensureBuilt, firedrill} from '../support/cli.js';
import {describeWith} from '../support/needs.js';

/** The script for a shell, in a file. */
async function scriptFor(shell: string) {
  const folder = mkdtempSync(join(tmpdir(), 'firedrill-completion-'));
  const {code, stdout, stderr} = await firedrill(['completion', shell]);
  expect(code, stderr).to.equal(0);
  const path = join(folder, 'completion');
  writeFileSync(path, stdout);
  return {path, [Symbol.dispose]: () => rmSync(folder, {recursive: true, force: true})};
}

const words = (output: string) => output.trim().split(/\s+/);

describe('Completion', function () {
  before(() => ensureBuilt());

  it('offers in bash commands, their second words, flags and names', async () => {
    using script = await scriptFor('bash');
    const offered = (...typed: readonly string[]) =>
      words(
        execFileSync(
          'bash',
          [
            '-c',
            'source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _firedrill; echo "${COMPREPLY[@]}"',
            'bash',
            script.path,
            'firedrill',
            ...typed,
          ],
          {encoding: 'utf8'},
        ),
      );
    expect(offered('')).to.include.members(COMMAND_IDS.map(id => id.split(':')[0]));
    expect(offered('rep')).to.deep.equal(['report']);
    expect(offered('runs', '')).to.deep.equal(['list', 'show', 'trend']);
    expect(offered('runs', 'list', '--ver')).to.deep.equal(['--verdict']);
    expect(offered('run', '--no')).to.deep.equal(['--notify', '--no-notify']);
    expect(offered('new', 'network-l')).to.deep.equal(['network-latency', 'network-loss']);
    expect(offered('probes', 'prom')).to.deep.equal(['prometheus']);
    // Files are the shell's own.
    expect(offered('plan', 'x')).to.deep.equal(['']);
  });

  it('is refused for a shell that it does not know', async () => {
    const {code, stdout, stderr} = await firedrill(['completion', 'tcsh']);
    expect([code, stdout]).to.deep.equal([2, '']);
    expect(stderr).to.include('bash, zsh, fish');
  });
});

describeWith('fish', 'Completion in fish', function () {
  before(() => ensureBuilt());

  it('offers commands with what they do, flags and names', async () => {
    using script = await scriptFor('fish');
    const offered = (typed: string) =>
      execFileSync('fish', ['--no-config', '-c', `source ${script.path}; complete -C ${JSON.stringify(typed)}`], {
        encoding: 'utf8',
      });
    expect(offered('firedrill rec')).to.match(/^recover\tPuts back/);
    expect(offered('firedrill faults network-l')).to.match(/^network-latency\b[^]*^network-loss\b/m);
    expect(offered('firedrill run --appr')).to.match(/^--approved/);
  });
});

describeWith('zsh', 'Completion in zsh', function () {
  before(() => ensureBuilt());

  it('is defined by the script', async () => {
    using script = await scriptFor('zsh');
    const said = execFileSync('zsh', ['-f', '-c', 'source "$1"; echo "$_comps[firedrill]"', 'zsh', script.path], {
      encoding: 'utf8',
    });
    expect(said.trim()).to.include('_firedrill');
  });
});
