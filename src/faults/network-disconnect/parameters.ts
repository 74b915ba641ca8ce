import * as z from 'zod';

export const parameters = () =>
  z
    .strictObject({
      network: z
        .string()
        .min(1)
        .optional()
        .describe('Name of the network to cut the target off from; default: every network it is attached to.'),
    })
    .describe('Detach the container from its networks: its address is gone until it is attached again.');
