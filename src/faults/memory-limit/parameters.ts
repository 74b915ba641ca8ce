import * as z from 'zod';
import {size} from '../../quantities/schema.js';

/** The smallest limit that a Docker engine accepts. */
const SMALLEST = 6 * 2 ** 20;

export const parameters = () =>
  z
    .strictObject({
      limit: size({min: SMALLEST}).describe('Memory the target may use while the fault holds, such as `64MiB`.'),
    })
    .describe('Lower the memory limit of the target. It must have a limit already, or it could not be put back.');
