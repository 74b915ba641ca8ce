import type {z} from 'zod';
import {defineForms, form} from '../contract.js';
import {placeOf, wishOf} from '../http.js';
import type {RequestTreatment} from '../../targets/http.js';
import {connectionParameters, containerParameters} from './parameters.js';

const treatmentOf = (p: z.infer<ReturnType<typeof connectionParameters>>): RequestTreatment => ({
  type: 'http-abort',
  at: p.when,
  by: p.by,
});

export const fault = defineForms(
  {name: 'http-abort', summary: 'Ends the connections of HTTP requests without a whole response.', nature: 'state'},
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
