import * as z from 'zod';
import {NOTIFIERS} from '../../notifiers/kinds.js';
import type {NotifierName} from '../../notifiers/spec.js';
import {listOf} from '../suggest.js';

const KINDS = Object.keys(NOTIFIERS);
const isKind = (name: string): name is NotifierName => Object.hasOwn(NOTIFIERS, name);
const object = z.record(z.string(), z.json());

const place = () =>
  z
    .strictObject(
      Object.fromEntries(
        Object.entries(NOTIFIERS).map(([name, {summary, parameters}]) => [
          name,
          parameters().optional().describe(summary),
        ]),
      ),
    )
    .transform((given, context) => {
      const [first, second] = Object.entries(given).filter(([, parameters]) => parameters !== undefined);
      if (first !== undefined && second === undefined && isKind(first[0]))
        return {kind: first[0], parameters: object.parse(first[1])};
      const got = first === undefined ? 'none of them' : `\`${first[0]}\` and \`${second?.[0] ?? ''}\`: write an entry for each`;
      context.addIssue({code: 'custom', message: `expected one of ${listOf(KINDS)}; got ${got}`});
      return z.NEVER;
    });

/** Who is told of a run while it goes on. */
export const notify = () =>
  z
    .array(place())
    .max(20)
    .default([])
    .describe('Places that are told of the run while it goes on. None of them can change the verdict or hold the run up.');
