import {z} from 'zod';

export const parameters = () =>
  z.strictObject({}).describe('Cut the target off: existing connections are cut, new ones are refused.');
