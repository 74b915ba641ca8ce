import {expect} from 'chai';
import {execFileSync} from 'node:child_process';
import {readFileSync, readdirSync} from 'node:fs';
import {join, posix} from 'node:path';
import {COMMAND_IDS, COMMANDS} from '../../src/commands/index.js';
import {commandIn} from '../../src/commands/usage.js';
import {parseConfiguration} from '../../src/experiment/configuration.js';
import {parsePolicy} from '../../src/experiment/policy.js';
import {parseExperiment} from '../../src/experiment/parse.js';
import {problemLines} from '../../src/terminal/problems.js';
import {Chalk} from 'chalk';
import {ensureBuilt, firedrill, ROOT} from '../support/cli.js';

const DOCUMENTS = [
  'README.md',
  'CONTRIBUTING.md',
  ...['docs', 'docs/how-to'].flatMap(folder =>
    readdirSync(join(ROOT, folder)).flatMap(name => (name.endsWith('.md') ? [`${folder}/${name}`] : [])),
  ),
];

const beside = (file: string, path: string) => posix.join(posix.dirname(file), path).replace(/\/$/, '');

/** What the shown files include. */
const FIXTURES = join(ROOT, 'test/fixtures/experiments/valid');

function blocks(language: string): {readonly name: string; readonly text: string}[] {
  return DOCUMENTS.flatMap(file => {
    const text = readFileSync(join(ROOT, file), 'utf8');
    const found = [...text.matchAll(new RegExp(`^\`\`\`${language}\\n([^]*?)^\`\`\``, 'gm'))];
    return found.map(([, body = ''], i) => ({name: `${file} #${i + 1}`, text: body}));
  });
}

const LOADED = await Promise.all(COMMAND_IDS.map(async id => ({id, command: await COMMANDS[id].load()})));

/** `firedrill …` lines, without comments. */
const lines = [
  ...blocks('sh').flatMap(({name, text}) => text.split('\n').map(line => ({name, line}))),
  ...LOADED.flatMap(({id, command}) =>
    command.examples.map(line => ({name: `help of ${id}`, line: line.replace('<%= config.bin %>', 'firedrill')})),
  ),
].flatMap(({name, line}) => {
  const command = /^(?:firedrill|bin\/dev\.js) ([^#]+)/.exec(line.trim())?.[1]?.trim();
  return command === undefined ? [] : [{name, args: command.split(/\s+/)}];
});

/** They change nothing and need nothing that is not in the repository. */
const HARMLESS = /^(validate|plan|schema|runs list|faults|probes|new|completion|recover --list$)/;

describe('documents', function () {
  before(() => ensureBuilt());

  // A block without a version shows a part of a file.
  for (const {name, text} of blocks('yaml').filter(({text}) => /^version:/m.test(text))) {
    const kind = name.startsWith('docs/policy.md')
      ? 'policy'
      : name.startsWith('docs/notifications.md')
        ? 'configuration'
        : 'experiment';
    it(`shows a valid ${kind} in ${name}`, () => {
      // The examples of the fault reference are for the folder of the experiments.
      const folder = name.startsWith('docs/faults.md') ? join(ROOT, 'experiments') : FIXTURES;
      const readInclude = (path: string) => ({file: path, content: readFileSync(join(folder, path))});
      const {problems} = {
        policy: () => parsePolicy({file: name, content: text}),
        configuration: () => parseConfiguration(name, text),
        experiment: () => parseExperiment({file: name, content: text, environment: {}, readInclude}),
      }[kind]();
      expect(problemLines(problems, new Chalk({level: 0})).join('\n')).to.equal('');
    });
  }

  it('come in the package with everything that they and the demo point at', () => {
    const packed = execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], {cwd: ROOT, stdio: 'pipe'});
    const [{files}] = JSON.parse(packed.toString()) as [{files: readonly {readonly path: string}[]}];
    const paths = new Set(files.map(({path}) => path));
    const folders = new Set([...paths].map(path => posix.dirname(path)));
    const linksOf = (file: string) =>
      [...readFileSync(join(ROOT, file), 'utf8').matchAll(/\]\((?!\w+:)([^)#\s]+)[^)]*\)/g)].map(
        ([, link = '']) => link,
      );
    const importsOf = (file: string) =>
      [...readFileSync(join(ROOT, file), 'utf8').matchAll(/from '(\.[^']+)'/g)].map(([, path = '']) => path);
    const wanted = [
      ...[...DOCUMENTS, 'CHANGELOG.md'].flatMap(file => [file, ...linksOf(file).map(link => beside(file, link))]),
      ...[...paths]
        .filter(path => path.startsWith('scripts/'))
        .flatMap(file => importsOf(file).map(path => beside(file, path))),
      'scripts/demo.mjs',
      'scripts/demo-docker.mjs',
      'helper/Dockerfile',
    ];
    expect(wanted.filter(path => !paths.has(path) && !folders.has(path))).to.deep.equal([]);
  });

  it('shows only commands and flags that exist', () => {
    expect(lines.length).to.be.above(15);
    for (const {name, args} of lines) {
      const words = args.filter(arg => !arg.startsWith('-'));
      const id = commandIn(words, COMMAND_IDS)?.id;
      expect(id, `${name}: ${args.join(' ')}`).not.to.equal(undefined);
      const command = LOADED.find(one => one.id === id)?.command;
      const flags = args.filter(arg => arg.startsWith('--')).map(flag => flag.slice(2).replace(/=.*/, ''));
      expect(Object.keys(command?.flags ?? {}), `${name}: ${args.join(' ')}`).to.include.members(flags);
    }
  });

  const runnable = new Set(lines.map(({args}) => args.join(' ')).filter(line => HARMLESS.test(line)));
  for (const line of runnable) {
    it(`runs \`firedrill ${line}\` as shown`, async () => {
      const {code, stderr} = await firedrill(line.split(' '));
      expect(code, stderr).to.equal(0);
    });
  }

  it('links only to files that exist', () => {
    for (const file of [...DOCUMENTS, 'CHANGELOG.md']) {
      const text = readFileSync(join(ROOT, file), 'utf8');
      for (const [, link = ''] of text.matchAll(/\]\((?!https?:)([^)#]+)/g)) {
        const target = join(ROOT, file, '..', link);
        expect(() => readdirSync(join(target, '..')), link).not.to.throw();
        expect(readdirSync(join(target, '..')), `${file} → ${link}`).to.include(target.split('/').at(-1));
      }
    }
  });
});
