import * as z from 'zod';
import {duration} from '../../quantities/schema.js';

export const parameters = () =>
  z
    .strictObject({
      grace: duration({max: 3_600_000})
        .optional()
        .describe(
          "Time the pod gets to end by itself, in whole seconds; by default the pod's own. `0s` ends it at once.",
        ),
    })
    .describe('Delete the pod through the API, as an eviction, a node loss or a person would.');
