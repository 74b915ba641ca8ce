import {expect} from 'chai';
import {mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {readExperiment} from '../../../src/commands/read-experiment.js';

const main = (include: string) => `version: 1
title: Includes
include: [${include}]
targets: {app: {process: {start: [sleep, "60"]}}}
steadyState: {fine: {command: {run: [echo, "1"]}, tolerance: {equals: 1}}}
faults: [{name: freeze, pause: {}, targets: [app], for: 20s}]
`;

describe('the files that an experiment includes', () => {
  let root: string;
  let elsewhere: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'firedrill-include-'));
    elsewhere = join(root, 'elsewhere');
    mkdirSync(join(root, 'own', 'below'), {recursive: true});
    mkdirSync(elsewhere);
    writeFileSync(join(elsewhere, 'base.yaml'), 'variables: {a: "root:secret:0"}\n');
    writeFileSync(join(root, 'own', 'below', 'base.yaml'), 'variables: {b: "1"}\n');
  });
  afterEach(() => rmSync(root, {recursive: true, force: true}));

  async function problems(include: string, includeFrom?: readonly string[]) {
    const path = join(root, 'own', 'file.yaml');
    writeFileSync(path, main(include));
    return (await readExperiment(path, {variables: {}, environment: {}, includeFrom})).parsed.problems;
  }

  it('are read below the folder of the file', async () => {
    expect(await problems('below/base.yaml')).to.deep.equal([]);
    expect(await problems('./below/../below/base.yaml')).to.deep.equal([]);
  });

  it('are refused outside it, by any way there, without a word of what is in them', async () => {
    symlinkSync(elsewhere, join(root, 'own', 'link'));
    for (const outside of [
      '../elsewhere/base.yaml',
      'link/base.yaml',
      join(elsewhere, 'base.yaml'),
      '/proc/kmsg',
      '/etc/passwd',
    ]) {
      const [problem] = await problems(outside);
      expect(problem, outside).to.include({
        code: 'UNREADABLE',
        message: `expected a file that can be read; \`${outside}\`: it is outside the folder of this file`,
        hint: 'copy it, or allow its folder by --include-from FOLDER',
        line: 3,
      });
    }
  });

  it('are read below a folder that the command line allows', async () => {
    expect(await problems('../elsewhere/base.yaml', [elsewhere])).to.deep.equal([]);
    expect(await problems('../elsewhere/base.yaml', [join(root, 'own')])).to.have.length(1);
  });

  it('never hold the reading up where a file has no end', async () => {
    const [problem] = await problems('/proc/kmsg', ['/proc']);
    expect(problem).to.include({code: 'UNREADABLE'});
  });
});

describe('the CSV files that an experiment names', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'firedrill-csv-'));
    mkdirSync(join(folder, 'own', 'shared'), {recursive: true});
  });
  afterEach(() => rmSync(folder, {recursive: true, force: true}));

  const load = (csv: string) => `load: {shop: {rate: 1/s, csv: ${csv}, http: "http://127.0.0.1:1/?a=\${csv:name}"}}\n`;

  async function reading(text: string) {
    const path = join(folder, 'own', 'file.yaml');
    writeFileSync(path, text);
    const {parsed} = await readExperiment(path, {variables: {}, environment: {}, includeFrom: undefined});
    return parsed;
  }

  it('are read from beside the file that names them, and located where they are wrong', async () => {
    writeFileSync(join(folder, 'own', 'users.csv'), 'nam\nA\n');
    const {problems} = await reading(main('').replace('include: []\n', load('users.csv')));
    expect(problems).to.have.length(1);
    expect(problems[0]).to.include({
      line: 3,
      code: 'UNKNOWN_REFERENCE',
      message: 'expected the name of a column of `users.csv`; got `name`',
      hint: 'did you mean `nam`?',
    });
    writeFileSync(join(folder, 'own', 'users.csv'), 'name\nA\n');
    const {experiment} = await reading(main('').replace('include: []\n', load('users.csv')));
    expect(experiment?.load['shop']?.csv).to.deep.include({
      path: join(folder, 'own', 'users.csv'),
      order: 'sequential',
    });
  });

  it('are relative to the included file where that names them', async () => {
    writeFileSync(join(folder, 'own', 'shared', 'base.yaml'), load('users.csv'));
    writeFileSync(join(folder, 'own', 'shared', 'users.csv'), 'name\nA\n');
    const {experiment} = await reading(main('shared/base.yaml'));
    expect(experiment?.load['shop']?.csv?.path).to.equal(join(folder, 'own', 'shared', 'users.csv'));
  });

  it('are refused outside of its folder, and when they are not there', async () => {
    writeFileSync(join(folder, 'users.csv'), 'name\nA\n');
    const of = async (csv: string) => (await reading(main('').replace('include: []\n', load(csv)))).problems[0];
    expect(await of('../users.csv')).to.include({
      code: 'UNREADABLE',
      message: 'expected a CSV file that can be read; `../users.csv`: it is outside the folder of this file',
      line: 3,
    });
    expect((await of('none.csv'))?.message).to.match(/`none.csv`: .*ENOENT/);
  });
});
