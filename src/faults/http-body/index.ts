import type {z} from 'zod';
import {defineForms, form} from '../contract.js';
import {placeOf, wishOf} from '../http.js';
import type {RequestTreatment} from '../../targets/http.js';
import {connectionParameters, containerParameters} from './parameters.js';

const treatmentOf = (p: z.infer<ReturnType<typeof connectionParameters>>): RequestTreatment => ({
  type: 'http-body',
  set: p.setHeaders,
  remove: p.removeHeaders.map(name => name.toLowerCase()),
  body: p.body,
  replace: p.replace,
  json: p.json,
});

export const fault = defineForms(
  {name: 'http-body', summary: 'Changes headers and body of HTTP responses.', nature: 'state'},
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
