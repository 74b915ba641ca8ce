import * as z from 'zod';
import {nullable, seconds, texts} from '../schema-parts.js';

const newPattern = () =>
  z.strictObject({
    template: z.string().describe('What its lines have in common; `<*>` where they differ.'),
    example: z.string().describe('The first of them, printable, without secrets.'),
    error: z.boolean(),
    lines: nullable().describe('Null: the end of the run is not on record.'),
    first: seconds(),
    last: seconds().nullable(),
  });

/** A log that was followed: how much it brought, and which forms of lines only came after something was injected. */
export function logSchema() {
  return z.strictObject({
    name: z.string(),
    place: z.string().describe('Where it was followed, in words.'),
    lines: nullable().describe('Null: the end of the run is not on record.'),
    errors: nullable(),
    unread: z.number().describe('Lines that came faster than they could be looked at.'),
    patterns: z.number().describe('Forms of lines that were told apart.'),
    newPatterns: z.number().describe('How many of them no line had before the first injection.'),
    told: z.array(newPattern()).describe('The most telling of these: errors first, then by their lines.'),
    notes: texts().describe('What this log cannot say for certain, and why.'),
  });
}
