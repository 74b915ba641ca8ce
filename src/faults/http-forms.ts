import type * as z from 'zod';
import type {RequestTreatment} from '../targets/http.js';
import {defineForms, form, type About, type AnyFault} from './contract.js';
import {placeOf, wishOf, type HttpPlacement, type RequestFields} from './http.js';

/** The parameters of a fault on HTTP requests: on a container they say where it meets the requests, too. */
interface Parameters<P> {
  readonly connection: () => z.ZodType<P>;
  readonly container: () => z.ZodType<P & HttpPlacement>;
}

/** A fault on HTTP requests, which differs from the others only in what is done to a request. */
export function httpFault<P extends RequestFields>(
  about: Pick<About, 'name' | 'summary'>,
  {connection, container}: Parameters<P>,
  treatmentOf: (parameters: P) => RequestTreatment,
): AnyFault {
  return defineForms(
    {...about, nature: 'state'},
    form({
      hits: ['connection'],
      needs: ['http'],
      parameters: connection,
      draft: ({targets, parameters: p, can, forMs}) =>
        Promise.all(targets.map(target => can.http.treat(target, wishOf(p, treatmentOf(p), forMs)))),
    }),
    form({
      hits: ['container'],
      needs: ['http'],
      parameters: container,
      draft: ({targets, parameters: p, can, forMs}) =>
        Promise.all(targets.map(target => can.http.treat(target, wishOf(p, treatmentOf(p), forMs, placeOf(p))))),
    }),
  );
}
