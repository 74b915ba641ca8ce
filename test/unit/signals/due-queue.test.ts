import {expect} from 'chai';
import fc from 'fast-check';
import {DueQueue} from '../../../src/signals/load/due-queue.js';

describe('the queue of what is due later', () => {
  it('gives back what was put in, the earliest first, whatever the order of putting and taking', () => {
    // A number is put in, null takes one out.
    const actions = fc.array(fc.option(fc.integer({min: 0, max: 50})), {maxLength: 200});
    fc.assert(
      fc.property(actions, all => {
        const queue = new DueQueue<{readonly intended: number}>();
        let model: number[] = [];
        for (const action of all) {
          if (action === null) {
            const [first, ...others] = model;
            expect(queue.pop()?.intended).to.equal(first);
            model = others;
          } else {
            queue.push({intended: action});
            model = [...model, action].sort((a, b) => a - b);
          }
          expect(queue.next).to.equal(model[0] ?? Infinity);
        }
      }),
    );
  });
});
