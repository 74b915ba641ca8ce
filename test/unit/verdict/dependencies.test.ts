import {expect} from 'chai';
import {renderHtml} from '../../../src/report/html/html.js';
import {renderJson} from '../../../src/report/json/json.js';
import {renderMarkdown} from '../../../src/report/markdown/markdown.js';
import {judge} from '../../../src/verdict/judge.js';
import {deviated, held} from '../../support/records.js';
import {around, HOSTILE, surrounding} from '../../support/surroundings.js';

describe('dependencies, seen and proven', () => {
  const seen = around(deviated(), [
    {at: 5, when: 'before', targets: [surrounding()]},
    {at: 15, when: 'during', targets: [surrounding({peers: []})]},
    {at: 39.2, when: 'after', targets: [surrounding({peers: [], why: 'it does not run'})]},
  ]);

  it('has each connection once, with how many there were at each look', () => {
    const {dependencies} = judge(seen);
    expect(dependencies?.seen).to.deep.equal([
      {
        from: 'shop-checkout-1',
        to: 'shop-inventory-1',
        port: 8080,
        peer: 'container',
        way: 'from',
        before: 3,
        during: 0,
        after: null,
      },
      {
        from: 'shop-inventory-1',
        to: HOSTILE,
        port: 5432,
        peer: 'container',
        way: 'to',
        before: 1,
        during: 0,
        after: null,
      },
    ]);
  });

  it('tells which metric needs what was faulted, with the interval that proves it', () => {
    expect(judge(seen).dependencies?.proven).to.deep.equal([
      {
        metric: 'checkout errors',
        on: ['shop-inventory-1'],
        occurrence: 'freeze-1',
        kind: 'degrading',
        from: 10.2,
        to: 30.2,
        why: 'it rose from 0% to 40%',
      },
    ]);
    expect(judge(held()).dependencies?.proven.map(({kind}) => kind)).to.deep.equal(['soft']);
  });

  it('stands in every format, and foreign names are text in all of them', () => {
    const result = judge(seen);
    const page = renderHtml(result);
    expect(page).to.include('<svg class="dependencies"').and.not.include(HOSTILE);
    expect(page).to.include('class="edge degrading"').and.include('class="edge seen"');
    expect(renderMarkdown(result)).to.include('| shop-checkout-1 | shop-inventory-1 | 8080 | 3 | 0 | – |');
    expect(JSON.parse(renderJson(result))).to.have.nested.property('dependencies.seen.length', 2);
  });
});
