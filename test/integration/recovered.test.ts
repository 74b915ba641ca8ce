import {expect} from 'chai';
import {existsSync, readdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import type {Result} from '../../src/verdict/result.js';
import {ensureBuilt, firedrill} from '../support/cli.js';
import {suiteFolder} from '../support/shop.js';

/** Its undo fails as long as there is a file `block`. */
const FILE = (folder: string) => `version: 1
title: An undo that fails at first
steadyState: { fine: { command: { run: [echo, "1"], every: 500ms }, tolerance: { equals: 1 } } }
windows: { warmup: 0s, baseline: 2s, recovery: 6s }
faults:
  - name: flag
    command:
      do: [touch, ${folder}/flag]
      undo: [sh, -c, "test ! -e ${folder}/block && rm -f ${folder}/flag"]
      proof: [test, -e, ${folder}/flag]
    targets: []
    for: 2s
`;

describe('a run that ended broken and was recovered', function () {
  const folder = suiteFolder();
  const runs = join(folder.path, 'runs');
  const environment = {FIREDRILL_STATE: join(folder.path, 'state')};
  const listed = async () => (await firedrill(['runs', 'list', '--runs-dir', runs], environment)).stdout;
  const inRun = (name: string) => join(runs, readdirSync(runs)[0] ?? '', name);
  const result = () => JSON.parse(readFileSync(inRun('result.json'), 'utf8')) as Result;

  before(async () => {
    ensureBuilt();
    const path = join(folder.path, 'broken.yaml');
    writeFileSync(path, FILE(folder.path));
    writeFileSync(join(folder.path, 'block'), '');
    const {code, stderr} = await firedrill(['run', path, '--yes', '--runs-dir', runs], environment);
    expect(code, stderr).to.equal(6);
  });

  it('is told as broken until then, and as put back afterwards: in its result, its reports and the list of runs', async () => {
    expect(result()).to.deep.include({exit: 6});
    expect(result().owed).to.have.length(1);
    expect(readFileSync(inRun('report.html'), 'utf8')).to.include('STILL BROKEN');
    expect(await listed()).to.match(/ 6 +An undo that fails/);

    rmSync(join(folder.path, 'block'));
    const recovered = await firedrill(['recover'], environment);
    expect(recovered.code, recovered.stderr).to.equal(0);
    expect(recovered.stdout).to.include(`Report  ${inRun('report.html')}`);
    expect(existsSync(join(folder.path, 'flag'))).to.equal(false);

    expect(result().owed).to.deep.equal([]);
    for (const name of ['report.html', 'report.md', 'result.json'])
      expect(readFileSync(inRun(name), 'utf8'), name).to.not.include('STILL BROKEN');
    expect(await listed()).to.match(/ 5 +An undo that fails/);
  });

  it('is listed with its title and when it began, also without a result', async () => {
    const {startedAt} = result();
    rmSync(inRun('result.json'));
    expect(await listed())
      .to.include(`${startedAt.slice(0, 19)}Z`)
      .and.to.include('An undo that fails at first');
    const json = await firedrill(['runs', 'list', '--json', '--runs-dir', runs], environment);
    const [only] = JSON.parse(json.stdout) as readonly object[];
    // The record tells what became of it.
    expect(only).to.include({startedAt, verdict: 'inconclusive', exit: 5});
  });
});
