import {stream} from '../connections.js';
import {defineForms, form} from '../contract.js';
import {filterOf} from '../packets.js';
import {connectionParameters, containerParameters} from './parameters.js';

export const fault = defineForms(
  {name: 'network-latency', summary: 'Delays the traffic of the target.', nature: 'state'},
  form({
    hits: ['connection'],
    needs: ['connection'],
    parameters: connectionParameters,
    draft: ({targets, parameters: p, can, forMs}) =>
      Promise.all(
        targets.map(target =>
          can.connection.latency(target, {
            delayMs: p.delay,
            jitterMs: p.jitter,
            ...stream(p, forMs),
          }),
        ),
      ),
  }),
  form({
    hits: ['container'],
    needs: ['shaping'],
    parameters: containerParameters,
    draft: ({targets, parameters: p, can, forMs}) => {
      const {delay: ms, jitter: jitterMs, correlation, distribution} = p;
      return can.shaping.shape(targets, {
        impairment: {kind: 'netem', delay: {ms, jitterMs, correlation, distribution}},
        filter: filterOf(p),
        forMs,
      });
    },
  }),
);
