import * as z from 'zod';

export const parameters = () =>
  z.strictObject({}).describe('Freeze the target: it keeps its memory and sockets and answers nothing.');
