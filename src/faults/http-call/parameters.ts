import * as z from 'zod';
import {asSent, goodStatus, hasOneBody, httpUrl, sentFields, TWO_BODIES} from '../../quantities/http.js';
import {duration, regularExpression} from '../../quantities/schema.js';
import {isNothing, nothingToUndo} from '../../quantities/nothing-to-undo.js';

const fields = () => ({
  url: httpUrl().describe('Where to send it.'),
  ...sentFields(),
  status: goodStatus().describe('Status of a good answer: `2xx`, `200-399`, `204`, or a list of these.'),
});

const request = () => z.strictObject(fields()).refine(hasOneBody, TWO_BODIES);

const question = () =>
  z
    .strictObject({
      ...fields(),
      bodyMatches: regularExpression().optional().describe('Regular expression that is found in the body as well.'),
    })
    .refine(hasOneBody, TWO_BODIES);

type WrittenCall = z.output<ReturnType<typeof question>>;

function requestOf(written: WrittenCall, timeoutMs: number) {
  const {url, status, bodyMatches} = written;
  return {url, ...asSent(written), status, ...(bodyMatches === undefined ? {} : {bodyMatches}), timeoutMs};
}

export const parameters = () =>
  z
    .strictObject({
      do: request().describe('What breaks it.'),
      undo: z
        .union([request(), nothingToUndo()], {
          error: 'expected a request that puts it back, or `{ nothing: REASON }` where there is nothing to put back',
        })
        .optional()
        .describe(
          'What puts it back; it may be sent more than once. `{ nothing: REASON }` where `do` leaves nothing to put back. Without either the fault is irreversible.',
        ),
      proof: question()
        .optional()
        .describe('A good answer says that the fault is in force, any other below 500 that it is not. Reads only.'),
      timeout: duration({positive: true}).prefault('10s').describe('How long each request may take.'),
    })
    .transform(({do: act, undo, proof, timeout}) => ({
      do: requestOf(act, timeout),
      ...(undo === undefined ? {} : {undo: isNothing(undo) ? undo : requestOf(undo, timeout)}),
      ...(proof === undefined ? {} : {proof: requestOf(proof, timeout)}),
    }))
    .describe(
      'The escape hatch over HTTP: break, prove and put back with requests of your own, sent from this machine.',
    );
