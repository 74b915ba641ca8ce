import {expect} from 'chai';
import {readdirSync} from 'node:fs';
import {join} from 'node:path';
import {readEvidence} from '../../../src/record/reader.js';
import {systemDisk} from '../../../src/system/files.js';
import {judge} from '../../../src/verdict/judge.js';
import {resultSchema} from '../../../src/verdict/result-schema.js';

const RECORDS = join(import.meta.dirname, '../../fixtures/records');

/** What was said when each record was made. Records of released versions are never changed; they are only added. */
const SAID: Readonly<
  Record<string, {exit: number; verdict: string; headline: string; metrics: readonly (string | null)[]}>
> = {
  'v1-process-freeze': {
    exit: 7,
    verdict: 'deviated',
    headline:
      'DEVIATED: checkout errors rose from 0% to 54.7% (allowed: below 5%) while inventory was paused for 6s; the steady state was back 1.8s after the undo.',
    metrics: ['deviated', 'held', null],
  },
};

describe('records of earlier versions', () => {
  it('are all known', () => {
    expect(readdirSync(RECORDS).sort()).to.deep.equal(Object.keys(SAID).sort());
  });

  for (const [name, said] of Object.entries(SAID)) {
    it(`are read and judged as they were: ${name}`, async () => {
      const evidence = await readEvidence(systemDisk, join(RECORDS, name));
      expect(evidence.gaps).to.deep.equal([]);
      const result = judge(evidence);
      expect({
        exit: result.exit,
        verdict: result.verdict,
        headline: result.headline,
        metrics: result.metrics.map(metric => metric.verdict),
      }).to.deep.equal(said);
      resultSchema().parse(JSON.parse(JSON.stringify(result)));
    });
  }
});
