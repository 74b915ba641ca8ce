import * as z from 'zod';
import {duration, showValue} from '../../quantities/schema.js';

const DAY = 86_400_000;

/** How long something lasts: more than zero, at most a day. */
export const lasting = () => duration({positive: true, max: DAY});

/** How long to wait: zero is fine. */
export const waiting = () => duration({max: DAY});

/** A text for people: one line or several, not empty. */
export const text = () =>
  z
    .string({error: issue => `expected a text; got ${showValue(issue.input)}`})
    .refine(value => value.trim() !== '', {error: 'expected a text; got an empty one'});

/** A name that is referred to or printed in one line. */
export const name = () =>
  z
    .string({error: issue => `expected a name; got ${showValue(issue.input)}`})
    .refine(value => /^\S(?:[^\p{Cc}]{0,98}\S)?$/u.test(value), {
      error: issue => `expected a name of 1 to 100 characters in one line; got ${showValue(issue.input)}`,
    });

/** The name of a fault: occurrences are told apart by `#1`, `#2`. */
export const faultName = () =>
  name().refine(value => !value.includes('#'), {error: issue => `expected a name without \`#\`; got ${showValue(issue.input)}`});

export const argv = () => z.array(z.string()).min(1).meta({examples: [['redis-cli', 'ping']]});

/**
 * Something the format knows and this version cannot do yet: in the JSON Schema by name, refused when it is used.
 * `instead` says what to use meanwhile.
 */
export const notYet = (what: string, instead: string) =>
  z
    .unknown()
    .superRefine((value, context) => {
      if (value === undefined) return;
      context.addIssue({code: 'custom', message: `${what}: not in this version yet`, params: {code: 'NOT_BUILT_YET', hint: instead}});
    })
    .optional()
    .describe(`Not in this version yet: ${what}. Meanwhile: ${instead}.`);
