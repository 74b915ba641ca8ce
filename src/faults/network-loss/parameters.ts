import * as z from 'zod';
import {share} from '../../quantities/schema.js';
import {seed} from '../connections.js';
import {correlation, filterCheck, filterFields} from '../packets.js';

export const connectionParameters = () =>
  z
    .strictObject({
      share: share({positive: true}).describe(
        'Share of the connections that are lost, of those that exist and of the new ones.',
      ),
      seed: seed(),
    })
    .describe(
      'Lose connections: existing ones stall, new ones get no answer. What was under way arrives once the fault ends.',
    );

const probability = (about: string, byDefault: string) => share().prefault(byDefault).describe(about);

/** Two states: in the good one few packets are lost, in the bad one most. */
const gemodel = () =>
  z.strictObject({
    p: share({positive: true}).describe('Chance, per packet, to go from the good to the bad state.'),
    r: share({positive: true}).describe('Chance, per packet, to go back to the good state.'),
    '1-h': probability('Share that is lost in the bad state.', '100%'),
    '1-k': probability('Share that is lost in the good state.', '0%'),
  });

/** Four states: 1 received, 2 received within a burst of losses, 3 lost within a burst, 4 a single loss. */
const state = () =>
  z.strictObject({
    p13: share({positive: true}).describe('Chance, per packet, that a burst of losses begins.'),
    p31: probability('Chance that the burst ends.', '100%'),
    p32: probability('Chance that a packet within the burst arrives.', '0%'),
    p23: probability('Chance that the losses go on behind it.', '100%'),
    p14: probability('Chance of a single loss outside of bursts.', '0%'),
  });

export const containerParameters = () =>
  z
    .strictObject({
      loss: share({positive: true}).optional().describe('Share of the packets that is lost, each drawn by itself.'),
      correlation: correlation(),
      gemodel: gemodel().optional().describe('Losses in bursts by the Gilbert-Elliott model, instead of `loss`.'),
      state: state().optional().describe('Losses in bursts by the 4-state Markov model, instead of `loss`.'),
      ...filterFields({
        direction: 'egress',
        about: 'egress loses what the target sends, ingress what it receives, both loses in each direction by itself.',
      }),
    })
    .check(context => {
      const {value} = context;
      const given = (['loss', 'gemodel', 'state'] as const).filter(name => value[name] !== undefined);
      if (given.length !== 1) {
        const message = `expected exactly one of \`loss\`, \`gemodel\`, \`state\`; got ${given.length === 0 ? 'none' : given.join(' and ')}`;
        context.issues.push({code: 'custom', message, path: given.length === 0 ? [] : [given[1] ?? ''], input: value});
      }
      if (value.correlation > 0 && value.loss === undefined && given.length === 1) {
        const message = 'expected `correlation` only with `loss`: the models have their own';
        context.issues.push({code: 'custom', message, path: ['correlation'], input: value});
      }
    })
    .check(filterCheck)
    .describe('Lose packets of the target.');
