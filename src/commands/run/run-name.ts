import {randomBytes} from 'node:crypto';
import type {Clock} from '../../system/clock.js';

/** A name for a run that sorts by time and is not taken: `20260131-235959-x7k2`. */
export function newRunName(clock: Clock): string {
  const digits = new Date(clock.now().wall).toISOString().replace(/\D/g, '');
  return `${digits.slice(0, 8)}-${digits.slice(8, 14)}-${randomBytes(2).toString('hex')}`;
}
