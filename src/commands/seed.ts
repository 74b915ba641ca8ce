import {randomInt} from 'node:crypto';

/** A seed for the draw of targets where the file gives none; it is recorded, so that the draw can be repeated. */
export function drawSeed(): number {
  return randomInt(2 ** 31);
}
