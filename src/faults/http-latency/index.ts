import type {z} from 'zod';
import {defineForms, form} from '../contract.js';
import {placeOf, wishOf} from '../http.js';
import type {RequestTreatment} from '../../targets/http.js';
import {connectionParameters, containerParameters} from './parameters.js';

const treatmentOf = (p: z.infer<ReturnType<typeof connectionParameters>>): RequestTreatment => ({
  type: 'http-latency',
  delayMs: p.delay,
  jitterMs: p.jitter,
});

export const fault = defineForms(
  {name: 'http-latency', summary: 'Delays HTTP requests.', nature: 'state'},
  form({
    hits: ['connection'],
    needs: ['http'],
    parameters: connectionParameters,
    draft: ({targets, parameters: p, can, forMs}) =>
      Promise.all(targets.map(target => can.http.treat(target, wishOf(p, treatmentOf(p), forMs)))),
  }),
  form({
    hits: ['container'],
    needs: ['http'],
    parameters: containerParameters,
    draft: ({targets, parameters: p, can, forMs}) =>
      Promise.all(targets.map(target => can.http.treat(target, wishOf(p, treatmentOf(p), forMs, placeOf(p))))),
  }),
);
