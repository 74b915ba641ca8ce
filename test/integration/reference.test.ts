import {mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {readFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {expect} from 'chai';
import {readSections, FAULT_PAGE, PROBE_PAGE} from '../../src/commands/reference/page.js';
import {skeleton, whereIn} from '../../src/commands/reference/skeleton.js';
import {FAULTS, PROBES} from '../../src/experiment/catalogue.generated.js';
import {parseExperiment} from '../../src/experiment/parse.js';
import {ensureBuilt, firedrill, ROOT} from '../support/cli.js';

describe('The reference in the terminal', function () {
  before(() => ensureBuilt());

  it('lists every fault and every probe', async () => {
    const faults = await firedrill(['faults', '--json']);
    expect((JSON.parse(faults.stdout) as {name: string}[]).map(({name}) => name)).to.deep.equal(Object.keys(FAULTS));
    const probes = await firedrill(['probes']);
    for (const name of Object.keys(PROBES)) expect(probes.stdout).to.match(new RegExp(`^${name} +\\w`, 'm'));
  });

  it('tells all about one, in lines that fit', async () => {
    const {code, stdout} = await firedrill(['faults', 'network-latency'], {COLUMNS: '80'});
    expect(code).to.equal(0);
    expect(stdout).to.include('  `delay`  `200ms`, `5s`  required\n      Time added to every packet that is meant.\n');
    expect(stdout).to.match(/^ {2}- Undo: /m);
    expect(stdout.split('\n').filter(line => line.length > 80 && !line.includes('fault: `'))).to.deep.equal([]);
    expect(stdout).not.to.match(/\|/);
  });

  it('says what was probably meant', async () => {
    const {code, stderr} = await firedrill(['faults', 'pauze']);
    expect(code).to.equal(2);
    expect(stderr).to.include('got `pauze`').and.to.include('did you mean `pause`?');
    const elsewhere = await firedrill(['new', 'pause', '--on', 'proxy']);
    expect([elsewhere.code, elsewhere.stdout]).to.deep.equal([2, '']);
    expect(elsewhere.stderr).to.include('docker, process');
  });

  it('has a section for each name, and no other', async () => {
    expect([...(await readSections(ROOT, FAULT_PAGE)).keys()]).to.deep.equal(Object.keys(FAULTS));
    const probes = [...(await readSections(ROOT, PROBE_PAGE)).keys()];
    expect(probes).to.include.members(Object.keys(PROBES));
  });

  it('prints an experiment to start from for every fault on everything that it hits, and each is valid', async () => {
    const sections = await readSections(ROOT, FAULT_PAGE);
    let printed = 0;
    for (const [name, section] of sections)
      for (const on of whereIn(section)) {
        const content = skeleton(name, section, on).join('\n');
        const {problems} = parseExperiment({file: `${name} on ${on}`, content, environment: {}});
        expect(problems, `${name} on ${on}`).to.deep.equal([]);
        printed++;
      }
    expect(printed).to.be.at.least(sections.size);
  });

  it('prints what `validate` takes as it is', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'firedrill-new-'));
    try {
      const {stdout} = await firedrill(['new', 'network-latency', '--on', 'docker']);
      writeFileSync(join(folder, 'x.yaml'), stdout);
      expect(stdout).to.include('    # delay: 200ms, 5s (required)\n');
      expect((await firedrill(['validate', join(folder, 'x.yaml')])).code).to.equal(0);
    } finally {
      rmSync(folder, {recursive: true, force: true});
    }
  });

  it('names its commands in the first pages', async () => {
    expect(await readFile(join(ROOT, 'docs/getting-started.md'), 'utf8')).to.include('firedrill new');
  });
});
