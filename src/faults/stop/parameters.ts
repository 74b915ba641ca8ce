import * as z from 'zod';
import {duration} from '../../quantities/schema.js';

export const parameters = () =>
  z
    .strictObject({
      grace: duration().prefault('10s').describe('How long the target may take to shut down before it is killed.'),
    })
    .describe('Stop the target as an operator would: SIGTERM, then SIGKILL after a grace period.');
