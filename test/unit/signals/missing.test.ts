import {existsSync, readdirSync, readFileSync} from 'node:fs';
import {expect} from 'chai';
import {missingFor, noValue, REASONS, type Reason} from '../../../src/signals/missing.js';

/** The rows of the table in docs/judgement.md: reason, because of, what happened, where. */
const rows = readFileSync('docs/judgement.md', 'utf8')
  .split('\n')
  .filter(line => /^\| `[a-z]+` \| (?:target|ours) \|/.test(line))
  .map(line => line.split('|').map(cell => cell.trim().replaceAll('`', '')))
  .map(([, reason = '', whose = '', says = '', where = '']) => ({reason, whose, says, where}));

const PROBES = 'src/signals/probes';

/** The reasons that the code of a probe gives. */
function givenBy(probe: string): readonly string[] {
  const code = readdirSync(`${PROBES}/${probe}`).map(file => readFileSync(`${PROBES}/${probe}/${file}`, 'utf8'));
  const reasons = `src/signals/stores/${probe}/reasons.ts`;
  const ofStore = existsSync(reasons) ? readFileSync(reasons, 'utf8') : '';
  return [...code.join('\n').matchAll(/noValue\(\s*['`]([a-z]+)/g), ...ofStore.matchAll(/[?:n] ['`]([a-z]+)/g)].map(
    ([, reason = '']) => reason,
  );
}

describe('why a value is missing', () => {
  it('is told for each reason in docs/judgement.md, with whose failure it is', () => {
    const told = rows.map(({reason, whose, says}) => [reason, whose, says]);
    const known = Object.entries(REASONS).flatMap(([whose, reasons]) =>
      Object.entries(reasons).map(([reason, says]) => [reason, whose, says.replaceAll('`', '')]),
    );
    expect(told).to.deep.equal(known);
  });

  it('is told there for each probe that says it', () => {
    const probes = readdirSync(PROBES, {withFileTypes: true}).filter(entry => entry.isDirectory());
    const untold = probes.flatMap(({name}) =>
      givenBy(name).filter(reason => {
        const where = rows.find(row => row.reason === reason)?.where ?? '';
        return !where.includes(name) && where !== 'every probe';
      }),
    );
    expect(probes.length).to.be.above(8);
    expect(untold).to.deep.equal([]);
  });

  it('says whose failure it is, also with a particular', () => {
    const of = (reason: Reason) => missingFor(reason).because;
    expect(of('status-503')).to.equal('target');
    expect(of('database-53300')).to.equal('target');
    expect(of('unsent')).to.equal('ours');
    expect(of('between')).to.equal('ours');
    expect(noValue('exit-2', 'it ended with 2')).to.deep.equal({
      value: null,
      why: 'it ended with 2',
      missing: {because: 'target', reason: 'exit-2'},
    });
  });
});
