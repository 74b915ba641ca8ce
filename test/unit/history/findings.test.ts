import {expect} from 'chai';
import {appendFileSync, readFileSync} from 'node:fs';
import {join} from 'node:path';
import {registerOf} from '../../../src/history/findings/register.js';
import {readResolutions, resolveFinding} from '../../../src/history/findings/resolutions.js';
import {registerLines, registerMarkdown} from '../../../src/history/findings/told.js';
import type {FindingSummary, RunSummary} from '../../../src/history/summary.js';
import {FiredrillError} from '../../../src/system/error.js';
import {systemDisk} from '../../../src/system/files.js';
import {outputToText} from '../../../src/terminal/output.js';
import {summary} from '../../support/history.js';
import {poisoned, UNSEEN} from '../../support/hostile.js';
import {scratchFolder} from '../../support/shop.js';

const BROKEN: FindingSummary = {
  code: 'hypothesis-broken',
  subject: 'errors',
  title: 'errors left its tolerance',
  severity: 'SEV2',
  metric: 'errors',
};

/** The run of a day in March: whether it had the finding, and what else is special about it. */
function run(day: number, findings: readonly FindingSummary[], over: Partial<RunSummary> = {}): RunSummary {
  const verdict = findings.length > 0 ? 'deviated' : 'held';
  return summary({
    run: `r${day}`,
    startedAt: `2026-03-${String(day).padStart(2, '0')}T09:00:00.000Z`,
    verdict,
    metrics: [{name: 'errors', unit: 'ratio', verdict, during: null, change: null}],
    findings,
    ...over,
  });
}

const only = (...args: Parameters<typeof registerOf>) => {
  const findings = registerOf(...args);
  expect(findings).to.have.length(1);
  return findings[0]!;
};

describe('the register of findings', () => {
  it('tells open from recurring, with the first and the last run, whatever the order of the runs', () => {
    expect(only([run(1, [BROKEN])], [])).to.include({state: 'open', runs: 1, severity: 'SEV2'});
    const again = only(
      [run(3, [{...BROKEN, severity: 'SEV3', title: 'as it is now'}]), run(2, []), run(1, [BROKEN])],
      [],
    );
    expect(again).to.include({state: 'recurring', runs: 2, severity: 'SEV3', title: 'as it is now'});
    expect([again.firstSeen.run, again.lastSeen.run]).to.deep.equal(['r1', 'r3']);
    expect(again.id).to.equal(only([run(1, [BROKEN])], []).id);
  });

  it('calls fixed what a later run could have shown and did not', () => {
    expect(only([run(1, [BROKEN]), run(2, [])], [])).to.deep.include({state: 'fixed', notSeenIn: ['r2']});
  });

  it('calls nothing fixed by a run that could not have shown it', () => {
    const blind: readonly Partial<RunSummary>[] = [
      {verdict: null},
      {verdict: 'inconclusive'},
      {conditions: 'a weaker fault'},
      {title: 'Another experiment'},
      {metrics: []},
      {metrics: [{name: 'errors', unit: 'ratio', verdict: null, during: null, change: null}]},
    ];
    for (const over of blind) {
      expect(only([run(1, [BROKEN]), run(2, [], over)], []), JSON.stringify(over)).to.include({state: 'open'});
    }
  });

  it('keeps findings of other experiments, rules and subjects apart', () => {
    const others = [BROKEN, {...BROKEN, code: 'near-miss'}, {...BROKEN, subject: 'latency'}];
    const ids = registerOf([run(1, others), run(2, [BROKEN], {title: 'Another'})], []).map(({id}) => id);
    expect(new Set(ids).size).to.equal(4);
  });

  it('is resolved by a person until a later run has it again', () => {
    const {id} = only([run(1, [BROKEN])], []);
    const word = {v: 1, id, by: 'ada', why: 'retries are bounded now', at: '2026-03-02T00:00:00.000Z'} as const;
    expect(only([run(1, [BROKEN])], [word])).to.include({state: 'resolved', reopened: false});
    const back = only([run(1, [BROKEN]), run(3, [BROKEN])], [word]);
    expect(back).to.include({state: 'recurring', reopened: true});
    expect(registerLines([back]).join('\n')).to.include('reopened: it was resolved by ada');
  });

  it('shows what would not be seen or would be obeyed', () => {
    const hostile = poisoned(registerOf([run(1, [BROKEN]), run(2, [])], []));
    const output = outputToText();
    output.lines(registerLines(hostile));
    for (const text of [output.text(), registerMarkdown(hostile)]) {
      expect(text).to.not.match(UNSEEN);
      expect(text).to.include('errors left its tolerance');
      expect(text.split('\n')).to.not.include('::error::taken');
    }
    expect(registerMarkdown(hostile)).to.not.match(/<script/);
  });
});

describe('what people resolved', () => {
  const said = {id: 'abc', by: 'ada', why: 'done', at: '2026-03-02T00:00:00.000Z'};

  it('is a file that only grows, and reads back, also behind a torn line', async () => {
    using folder = scratchFolder();
    const path = join(folder.path, 'resolved-findings.ndjson');
    await resolveFinding(systemDisk, folder.path, said);
    const first = readFileSync(path, 'utf8');
    appendFileSync(path, '{"v":1,"id":"to');
    await resolveFinding(systemDisk, folder.path, {...said, why: 'again\nand again'});
    expect(readFileSync(path, 'utf8').startsWith(first)).to.equal(true);
    const {resolutions, unreadable} = await readResolutions(systemDisk, folder.path);
    expect(resolutions.map(({why}) => why)).to.deep.equal(['done', 'again\nand again']);
    expect(unreadable).to.equal(1);
  });

  it('needs a person and a reason of a sensible length', async () => {
    using folder = scratchFolder();
    for (const wrong of [{by: ''}, {by: 'x'.repeat(201)}, {why: '  '}, {why: 'x'.repeat(2001)}]) {
      const error: unknown = await resolveFinding(systemDisk, folder.path, {...said, ...wrong}).catch(
        (e: unknown) => e,
      );
      expect(error).to.be.instanceOf(FiredrillError).and.to.have.property('code', 'BAD_USAGE');
    }
    expect(await readResolutions(systemDisk, folder.path)).to.deep.equal({resolutions: [], unreadable: 0});
  });
});
