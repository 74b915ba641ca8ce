import {expect} from 'chai';
import {appendFileSync, existsSync, mkdirSync, readFileSync, rmSync, utimesSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {listRuns, runNames} from '../../../src/history/runs.js';
import {writeSummary} from '../../../src/history/summarise.js';
import {parseSummary} from '../../../src/history/summary.js';
import {readEvidence} from '../../../src/record/reader.js';
import {systemDisk} from '../../../src/system/files.js';
import {judge} from '../../../src/verdict/judge.js';
import {countingFiles, renamed, summary, writeRun} from '../../support/history.js';
import * as records from '../../support/records.js';
import {scratchFolder} from '../../support/shop.js';

const summaryIn = (folder: string) => join(folder, 'summary.json');

async function summarised(runsDir: string, evidence = records.deviated()): Promise<string> {
  const folder = writeRun(runsDir, evidence);
  await writeSummary(systemDisk, folder, judge(evidence));
  return folder;
}

describe('the list of runs', () => {
  it('asks for one look and one small file a run, whatever the size of the record', async () => {
    using folder = scratchFolder();
    const first = await summarised(folder.path, renamed(records.deviated(), {run: '1'}));
    await summarised(folder.path, renamed(records.rich(), {run: '2'}));
    const files = countingFiles();
    const runs = await listRuns(folder.path, files);
    expect(runs.map(({run, summary}) => [run, summary?.verdict])).to.deep.equal([
      ['1', 'deviated'],
      ['2', 'deviated'],
    ]);
    expect(files.asked).to.deep.equal([
      'look events.ndjson',
      'read summary.json',
      'look events.ndjson',
      'read summary.json',
    ]);
    expect(readFileSync(summaryIn(first)).length).to.be.below(4096);
  });

  it('says of a run what its record says', async () => {
    using folder = scratchFolder();
    const path = await summarised(folder.path);
    const result = judge(await readEvidence(systemDisk, path));
    const [run] = await listRuns(folder.path);
    expect(run?.summary).to.deep.include({
      run: result.run,
      title: result.title,
      verdict: result.verdict,
      exit: 7,
      headline: result.headline,
      severity: result.severity,
      recoverySeconds: result.recovery.tookSeconds,
      targets: ['shop-inventory-1'],
      file: 'freeze.yaml',
    });
    const [errors] = run?.summary?.metrics ?? [];
    expect(errors).to.deep.include({name: 'checkout errors', verdict: 'deviated', during: 0.4});
    expect(errors?.change?.lower).to.be.within(0.3, errors?.change?.estimate ?? 0);
    expect(run?.summary?.findings.map(({code, subject}) => [code, subject])).to.deep.include([
      'hypothesis-broken',
      'checkout errors',
    ]);
  });

  it('makes a summary that is missing or damaged again, and keeps it', async () => {
    using folder = scratchFolder();
    const path = await summarised(folder.path);
    const whole = readFileSync(summaryIn(path), 'utf8');
    for (const text of [
      '',
      '{',
      '{}',
      whole.replace('"exit":7', '"exit":"0"'),
      whole.replace(/"of":"\w+"/, '"of":1'),
    ]) {
      expect(parseSummary(text), text.slice(0, 20)).to.equal(undefined);
      writeFileSync(summaryIn(path), text);
      const [run] = await listRuns(folder.path);
      expect(run?.summary?.exit).to.equal(7);
      expect(readFileSync(summaryIn(path), 'utf8')).to.equal(whole);
    }
    rmSync(summaryIn(path));
    expect((await listRuns(folder.path))[0]?.summary?.exit).to.equal(7);
    expect(existsSync(summaryIn(path))).to.equal(true);
  });

  it('believes neither summary nor result above a record to which more was written', async () => {
    using folder = scratchFolder();
    const evidence = records.leftOver();
    const path = await summarised(folder.path, evidence);
    const [before] = await listRuns(folder.path);
    expect(before?.summary?.exit).to.equal(6);
    // As `recover` writes it, without the reports that it makes afterwards.
    const event = evidence.events.at(-1);
    const settled = {type: 'debts.settled', occurrence: 'freeze-1', settled: [records.settled()]};
    appendFileSync(
      join(path, 'events.ndjson'),
      `${JSON.stringify({...event, ...settled, seq: 1000, by: 'recover', epoch: 2})}\n`,
    );
    const long = new Date(Date.now() - 60_000);
    for (const name of ['result.json', 'summary.json']) utimesSync(join(path, name), long, long);
    const [after] = await listRuns(folder.path);
    expect(after?.summary?.exit).to.not.equal(6);
  });

  it('lists what lives or was killed, what cannot be read, and no other folder', async () => {
    using folder = scratchFolder();
    writeRun(folder.path, renamed(records.killedAndLeft(), {run: '1'}), {judged: false});
    writeFileSync(join(writeRun(folder.path, renamed(records.held(), {run: '2'})), 'events.ndjson'), 'no event\n');
    mkdirSync(join(folder.path, 'other'));
    writeFileSync(join(folder.path, 'resolved.ndjson'), '');
    const runs = await listRuns(folder.path);
    expect(runs.map(({run, title, summary}) => [run, title, summary])).to.deep.equal([
      ['1', 'Checkout survives a frozen inventory', undefined],
      ['2', undefined, undefined],
    ]);
    expect(runNames(folder.path)).to.deep.equal(['1', '2']);
  });

  it('works where the summary cannot be kept', async () => {
    using folder = scratchFolder();
    const path = writeRun(folder.path, records.held());
    // What may only be read is no hindrance for root, who runs tests, too.
    mkdirSync(summaryIn(path));
    const [run] = await listRuns(folder.path);
    expect(run?.summary?.verdict).to.equal('held');
  });

  it('reads back what was written, and nothing of another version', () => {
    const text = JSON.stringify(summary());
    expect(parseSummary(text)).to.deep.equal(summary());
    expect(parseSummary(text.replace('"version":1', '"version":2'))).to.equal(undefined);
    expect(parseSummary(text.replace('"recoverySeconds":null', '"recoverySeconds":[1]'))).to.equal(undefined);
  });
});
