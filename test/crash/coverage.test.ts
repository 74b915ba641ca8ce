import {expect} from 'chai';
import {find} from '../../scripts/generate/folders.js';
import {ROOT} from '../support/cli.js';
import {CASES} from './stages/index.js';
import {faultOf} from './stages/stage.js';

describe('The cases of the crash matrix', () => {
  const covered = new Set(CASES.map(one => `${faultOf(one)} on ${one.driver}`));

  it('cover every fault on every driver that its reference names', async () => {
    const {faults} = await find(ROOT);
    const wanted = faults.flatMap(({fault, reference}) =>
      Object.entries(reference?.on ?? {})
        .filter(([, entry]) => !('missing' in entry))
        .map(([driver]) => `${fault.name} on ${driver}`),
    );
    // The commands and requests of an author start on this machine whatever they are about: one case stands for all.
    const same = (name: string) => name.replace(/^(command|http-call) on .*$/, '$1 on process');
    expect(wanted.filter(name => !covered.has(same(name)))).to.deep.equal([]);
  });

  it('name only faults that exist', async () => {
    const {faults} = await find(ROOT);
    const known = faults.map(({fault}) => fault.name);
    expect(CASES.map(faultOf).filter(name => !known.includes(name))).to.deep.equal([]);
  });
});
