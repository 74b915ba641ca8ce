import * as z from 'zod';

export const parameters = () =>
  z
    .strictObject({
      cpus: z
        .number()
        .min(0.01)
        .max(1024)
        .describe(
          'Processor time the target may use while the fault holds, in cores: `0.25` is a quarter of one core.',
        ),
    })
    .describe('Lower the CPU limit of the target.');
