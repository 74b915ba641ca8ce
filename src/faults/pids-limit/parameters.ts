import * as z from 'zod';

export const parameters = () =>
  z
    .strictObject({
      limit: z
        .int()
        .min(1)
        .max(4_194_304)
        .describe(
          'Processes and threads that the target may have while the fault holds. Below the present number nothing is ended, but nothing new can be started.',
        ),
    })
    .describe(
      'Lower the limit of processes and threads of the target: at the limit every fork and every new thread fails.',
    );
