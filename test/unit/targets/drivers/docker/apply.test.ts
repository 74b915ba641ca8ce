import {expect} from 'chai';
import type {Op} from '../../../../../src/targets/contract.js';
import {applyAll} from '../../../../../src/targets/drivers/docker/apply.js';
import type {Engine} from '../../../../../src/targets/drivers/docker/engine/engine.js';

const ref = {
  driver: 'docker',
  kind: 'container',
  name: 'app',
  endpoint: 'here',
  object: 'x',
  incarnation: '1',
} as const;
const fence = {run: 'run', epoch: 1, live: () => true};

/** What an engine answers that nobody may ask anything. */
async function applied(op: Op, id = 'here') {
  const [answer] = await applyAll({engine: {id} as Engine, fence, left: () => 1_000}, [op]);
  return {...answer, op: undefined};
}

describe('What is refused before the engine is asked', () => {
  it('says that nothing was sent: on another engine, and what this version does not know', async () => {
    expect(await applied({op: 'container.pause', v: 1, ref, args: {}}, 'elsewhere')).to.deep.equal({
      op: undefined,
      state: 'refused',
      why: 'it is on another engine (here), not on elsewhere',
      sent: false,
    });
    expect(await applied({op: 'container.explode', v: 1, ref, args: {}})).to.include({state: 'refused', sent: false});
  });
});
