import {expect} from 'chai';
import {Chalk} from 'chalk';
import {exitMeaning, summaryLines} from '../../../src/terminal/summary.js';
import {judge} from '../../../src/verdict/judge.js';
import {traffic, untilEnd, untilInForce} from '../../support/records.js';

const options = {style: new Chalk({level: 0}), columns: 100, folder: '/runs/r1', reports: ['/runs/r1/report.html']};

describe('summary', () => {
  it('says verdict, figures, report and what the exit code means', () => {
    const result = judge(untilEnd().evidence([], traffic({from: 10, to: 30, failed: 25})));
    const text = summaryLines(result, options).join('\n');
    expect(text).to.match(/DEVIATED: checkout errors rose from 0% to 50%/);
    expect(text).to.match(/✖\s+checkout errors\s+0%\s+50%\s+0%\s+deviated/);
    expect(text).to.include('Report  /runs/r1/report.html');
    expect(text).to.include('Exit    7: deviated');
  });

  it('says what is still broken and both ways to put it back', () => {
    const result = judge(untilInForce().evidence([], traffic()));
    const text = summaryLines(result, options).join('\n');
    expect(text).to.include('STILL BROKEN: shop-inventory-1');
    expect(text).to.include('firedrill recover 20260301T090000-abcdef');
    expect(text).to.include('or by hand: docker unpause shop-inventory-1');
    expect(text).to.include('Exit    6: something is still broken');
  });

  it('knows the codes of signals', () => {
    expect(exitMeaning(130)).to.equal('interrupted by signal 2; undone');
    expect(exitMeaning(130, false)).to.equal('interrupted by signal 2; nothing was injected');
  });
});
