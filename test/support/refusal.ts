import {FiredrillError} from '../../src/system/error.js';

/** The expected error that this ends with. */
export async function refusal(work: Promise<unknown>): Promise<FiredrillError> {
  try {
    await work;
  } catch (error) {
    if (error instanceof FiredrillError) return error;
    throw error;
  }
  throw new Error('it was not refused');
}
