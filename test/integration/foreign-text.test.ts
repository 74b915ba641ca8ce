import {expect} from 'chai';
import {readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {ensureBuilt, firedrill, type Ended} from '../support/cli.js';
import {scratchFolder} from '../support/shop.js';

/** What a terminal or a CI server would obey, or not show. */
const HOSTILE = [
  'a\u001b[8mb',
  '\u001b]52;c;YQ==\u0007',
  '\u001b]8;;http://evil.example\u001b\\x',
  '\u009b8mc',
  '\u200bd\u2060e\ufeff',
  '\u202ef\u2066g\u2069',
  'bad\rgood\b\b',
  'x\n::error::y\n##[error]z\u2028w',
].join(' ');
/** Names are one line; what they may hold beside that is as bad. */
const NAME = 'm\u200b\u202ex';

const SEEN_ALONE = /[^\P{C}\n]|[\u2028\u2029]/u;
const CI_COMMAND = /^\s*::[a-z].*::|##\[/m;

function fileOf(folder: string, undo: readonly string[]): string {
  const file = join(folder, 'hostile.json');
  const command = {do: ['true', HOSTILE], undo};
  writeFileSync(
    file,
    JSON.stringify({
      version: 1,
      title: `title ${HOSTILE}`,
      hypothesis: HOSTILE,
      owner: HOSTILE,
      steadyState: {[NAME]: {command: {run: ['echo', '1'], every: '500ms'}, tolerance: {below: 2}}},
      windows: {warmup: '0s', baseline: '5s', recovery: '8s'},
      faults: [{name: NAME, command, targets: [], for: '3s'}],
      safety: {irreversible: 'allow'},
    }),
  );
  return file;
}

function expectShown(what: string, {stdout, stderr}: Ended): void {
  for (const text of [stdout, stderr]) {
    expect(text, what).to.not.match(SEEN_ALONE);
    expect(text, what).to.not.match(CI_COMMAND);
  }
}

describe('text from outside', function () {
  this.timeout(120_000);
  before(() => ensureBuilt());

  it('is seen and never obeyed in what each command prints, and reads back from its JSON', async () => {
    using folder = scratchFolder();
    const environment = {FIREDRILL_STATE: join(folder.path, 'state')};
    const runsDir = join(folder.path, 'runs');
    const undo = ['sh', '-c', String.raw`printf 'no \033[8m\033]0;x\007\n::error::y\n' >&2; exit 1`];
    const file = fileOf(folder.path, undo);
    const at = ['--runs-dir', runsDir];
    const told = async (...args: readonly string[]) => {
      const ended = await firedrill(args, environment);
      expectShown(args.join(' '), ended);
      return ended;
    };
    expect((await told('validate', file)).stdout).to.include('title a␛[8mb ␛]52;c;YQ==␇');
    expect(JSON.parse((await told('validate', file, '--json')).stdout)).to.have.nested.property(
      '[0].title',
      `title ${HOSTILE}`,
    );
    expect((await told('plan', file)).stdout)
      .to.include('a␛[8mb')
      .and.to.include('�f�g�');
    const ran = await told('run', file, '--yes', ...at);
    expect(ran.code).to.equal(6);
    expect(ran.stdout).to.include('STILL BROKEN');
    expect((await told('runs', 'list', ...at)).stdout).to.include('title a␛[8mb');
    await told('runs', 'show', 'latest', ...at);
    await told('runs', 'show', 'latest', '--json', ...at);
    for (const format of ['markdown', 'json']) {
      await told('report', 'latest', '--format', format, '--stdout', ...at);
    }
    const owed = await told('recover', '--list');
    expect(owed.stdout).to.include('by hand');
    expect((await told('recover')).code).to.equal(6);
  });

  it('is seen in the list of what is wrong with a file, and in errors', async () => {
    using folder = scratchFolder();
    const file = join(folder.path, 'wrong.yaml');
    writeFileSync(file, `version: 1\ntitle: "x\u202e\u200b\u009b8m"\ntarg\u200bets: {}\nsteadyState: {}\nfaults: []\n`);
    for (const args of [
      ['validate', file],
      ['plan', file],
      ['plan', `/nowhere/${HOSTILE}`],
      ['stop', HOSTILE],
    ]) {
      const ended = await firedrill(args);
      expectShown(args[0] ?? '', ended);
      expect(ended.code).to.equal(2);
    }
    const {stdout} = await firedrill(['validate', file]);
    expect(stdout).to.include('targ�ets');
  });

  it('has no style of its own beside ours on a terminal with colours', async () => {
    using folder = scratchFolder();
    const file = fileOf(folder.path, ['true']);
    const {stdout} = await firedrill(['plan', file], {FORCE_COLOR: '1', NO_COLOR: ''});
    expect(stdout).to.include('\u001b[1mm��x\u001b[22m (command)');

    expect(stdout.replaceAll(/\u001b\[(?:[124]|22|24|3[1-6]|39)m/g, '')).to.not.match(SEEN_ALONE);
  });

  it('stands in the Markdown report without anything that a site would link or mention', async () => {
    using folder = scratchFolder();
    const file = fileOf(folder.path, ['true']);
    const text = readFileSync(file, 'utf8').replace('"title ', '"@admin http://evil.example/x www.evil.example #1 ');
    writeFileSync(file, text);
    const runsDir = join(folder.path, 'runs');
    await firedrill(['run', file, '--yes', '--runs-dir', runsDir], {FIREDRILL_STATE: join(folder.path, 'state')});
    const {stdout} = await firedrill(['report', 'latest', '--format', 'markdown', '--stdout', '--runs-dir', runsDir]);
    expect(stdout).to.match(/^# `@admin` `http:\/\/evil\.example\/x` `www\.evil\.example` `#1` a␛/);
    expect(stdout.replaceAll(/(?<!\\)`.*?`/g, '')).to.not.match(/@admin|evil\.example|#1 /);
  });
});
