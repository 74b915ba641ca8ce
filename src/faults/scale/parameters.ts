import * as z from 'zod';

export const parameters = () =>
  z
    .strictObject({
      replicas: z.int().min(0).max(10_000).describe('How many replicas the workload is to have while the fault holds.'),
    })
    .describe('Change the number of replicas of a workload and put the old number back.');
