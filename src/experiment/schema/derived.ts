import * as z from 'zod';
import {FORMS, type Form} from '../../signals/derived/spec.js';
import {lasting, name} from './fields.js';

const pair = () => z.tuple([name(), name()], {error: 'expected the names of two metrics, such as `[errors, requests]`'});

/** The block of a metric that is made of other metrics of the file. */
export const derivedMetric = () =>
  z
    .strictObject({
      ratio: pair().optional().describe('`[a, b]`: a divided by b.'),
      difference: pair().optional().describe('`[a, b]`: a less b.'),
      sum: z.array(name()).min(2, 'expected at least two metrics').max(100).optional().describe('`[a, b, …]`: all of them together.'),
      share: name().optional().describe('What part of `of` this metric is: 0 to 1, shown in percent.'),
      of: name().optional().describe('With `share`: the metric that is the whole.'),
      every: lasting()
        .optional()
        .describe('How long each value stands for. Default, and the least: the longest `every` of the metrics that it is made of; of a load that is `1s`.'),
    })
    .superRefine((given, context) => {
      const refuse = (at: string, message: string) => context.addIssue({code: 'custom', path: [at], message});
      const [first, second] = FORMS.filter(form => given[form] !== undefined);
      if (first === undefined) refuse('ratio', 'expected one of `ratio`, `difference`, `sum` and `share`; got none of them');
      if (first !== undefined && second !== undefined) refuse(second, `expected one of \`ratio\`, \`difference\`, \`sum\` and \`share\`; got \`${first}\` too`);
      if (given.share !== undefined && given.of === undefined) refuse('of', 'expected `of` beside `share`: the metric that is the whole; it is missing');
      if (given.share === undefined && given.of !== undefined) refuse('of', 'expected `of` only beside `share`');
    })
    .transform(({share, of, every, ...given}): {readonly form: Form; readonly metrics: readonly string[]; readonly every: number | undefined} => {
      if (share !== undefined && of !== undefined) return {form: 'share', metrics: [share, of], every};
      const form = FORMS.find(one => one !== 'share' && given[one] !== undefined) ?? 'sum';
      return {form, metrics: form === 'share' ? [] : (given[form] ?? []), every};
    })
    .describe('A number made of other metrics of this file, moment by moment; where they have subjects, one for each.');
