import * as z from 'zod';
import {duration} from '../../quantities/schema.js';

export const parameters = () =>
  z
    .strictObject({
      grace: duration().prefault('10s').describe('How long the target may take to shut down before it is killed.'),
    })
    .describe('Restart the target as an operator would: stop it with a grace period, then start it again.');
