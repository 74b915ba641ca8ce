import {expect} from 'chai';
import {filtered, parseSince, type RunFilter} from '../../../src/history/filters.js';
import type {ListedRun, RunSummary} from '../../../src/history/summary.js';
import {FiredrillError} from '../../../src/system/error.js';
import {summary} from '../../support/history.js';

function run(name: string, own: RunSummary | undefined, over: Partial<ListedRun> = {}): ListedRun {
  const {startedAt, title, file, targets} = own ?? {
    startedAt: undefined,
    title: undefined,
    file: undefined,
    targets: [],
  };
  return {run: name, folder: name, startedAt, title, file, targets, summary: own, ...over};
}

const RUNS = [
  run('a', summary({startedAt: '2026-01-01T00:00:00Z', verdict: 'deviated', targets: ['shop-store-1']})),
  run('b', summary({startedAt: '2026-02-01T00:00:00Z', title: 'Slow store', file: 'drills/slow.yaml'})),
  run('c', summary({startedAt: '2026-03-01T00:00:00Z', verdict: null, end: 'not-steady'})),
  run('d', undefined, {title: 'Slow store', startedAt: '2026-03-02T00:00:00Z'}),
];

const names = (filter: RunFilter) => filtered(RUNS, filter).map(one => one.run);

describe('filters of runs', () => {
  it('choose by verdict, also by the end of runs without one', () => {
    expect(names({verdicts: ['deviated']})).to.deep.equal(['a']);
    expect(names({verdicts: ['held', 'deviated']})).to.deep.equal(['a', 'b']);
    expect(names({verdicts: ['not-steady']})).to.deep.equal(['c']);
    expect(names({verdicts: ['none']})).to.deep.equal(['c', 'd']);
  });

  it('choose by words of the title, or by the file', () => {
    expect(names({experiment: 'slow STORE'})).to.deep.equal(['b', 'd']);
    expect(names({experiment: './drills/slow.yaml'})).to.deep.equal(['b']);
    expect(names({experiment: 'slow.yaml'})).to.deep.equal(['b']);
    expect(names({experiment: 'low.yaml'})).to.deep.equal([]);
  });

  it('choose by target, by age, and the newest of all that fit', () => {
    expect(names({target: 'store'})).to.deep.equal(['a']);
    expect(names({sinceMs: Date.parse('2026-02-01T00:00:00Z')})).to.deep.equal(['b', 'c', 'd']);
    expect(names({limit: 2})).to.deep.equal(['c', 'd']);
    expect(names({experiment: 'slow', limit: 1})).to.deep.equal(['d']);
  });

  it('take a time span, a day or a time, and nothing else', () => {
    const now = Date.parse('2026-03-08T12:00:00Z');
    expect(new Date(parseSince('7d', now)).toISOString()).to.equal('2026-03-01T12:00:00.000Z');
    expect(new Date(parseSince('2026-03-01', now)).toISOString()).to.equal('2026-03-01T00:00:00.000Z');
    expect(new Date(parseSince('2026-03-01T08:30Z', now)).toISOString()).to.equal('2026-03-01T08:30:00.000Z');
    for (const text of ['7', 'yesterday', '2026-13-01', '03/01/2026', '']) {
      expect(() => parseSince(text, now), text).to.throw(FiredrillError, '--since');
    }
  });
});
