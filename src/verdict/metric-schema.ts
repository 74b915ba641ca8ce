import * as z from 'zod';
import {TOLERANCE_TIMES} from '../experiment/experiment.js';
import {availabilitySchema} from './availability/schema.js';
import {settlingSchema} from './outside-windows/schema.js';
import {between, intervalKind, maybeVerdict, nullable, seconds, terms, verdict} from './schema-parts.js';

/** One metric of the steady state: what is allowed, and how it did. */
export const metricSchema = () =>
  z.strictObject({
    name: z.string(),
    source: z.string(),
    unit: z.enum(['ms', 'ratio', 'per-second', 'bytes', 'count', 'number']),
    worse: z.enum(['higher', 'lower', 'either']),
    tolerance: z
      .strictObject({
        below: z.number().exactOptional(),
        above: z.number().exactOptional(),
        equals: z.number().exactOptional(),
        atLeast: z.number().exactOptional(),
        atMost: z.number().exactOptional(),
        settlesWithinSeconds: z.number(),
        during: z
          .array(z.enum(TOLERANCE_TIMES))
          .exactOptional()
          .describe('When the metric had to keep to it; without it always.'),
      })
      .nullable(),
    /** Absent where the file gives none, and in results of earlier versions. */
    deviation: z
      .strictObject({...allowed(), decides: z.boolean(), control: z.string().exactOptional()})
      .exactOptional()
      .describe('The allowed change against the baseline; it decides where there is no tolerance.'),
    judged: z.array(z.enum(['fault', 'recovery'])),
    verdict: maybeVerdict(),
    notDecided: z
      .string()
      .exactOptional()
      .describe(
        'Why it was not decided although it should have been, where others were: its baseline said that it hardly could.',
      ),
    overall: deviation().exactOptional().describe('For a switchback: the answer over all blocks.'),
    /** One plain sentence that an SRE understands without statistics. */
    explanation: z.string(),
    intervals: z.array(metricInterval()),
    /** At most 600 points a line; null is a gap. */
    chart: z.array(
      z.strictObject({
        subject: z.string().nullable(),
        points: z.array(z.tuple([z.number(), nullable()])).max(1200),
      }),
    ),
  });

const metricInterval = () =>
  z.strictObject({
    kind: intervalKind(),
    occurrence: z.string().nullable(),
    from: seconds(),
    to: seconds(),
    /** Over the whole interval: a merged quantile, a ratio of sums, or the median of samples. */
    value: nullable(),
    min: nullable(),
    max: nullable(),
    /** Requests sent, or samples with a number. */
    samples: z.number().int(),
    /** Requests that could not be sent, or samples without a number. */
    missing: z.number().int(),
    withinTolerance: z.boolean().nullable(),
    verdict: maybeVerdict(),
    why: z.string(),
    /**
     * `of`: how many values were looked at; `worst` is furthest outside, in the metric's unit. Absent where there are
     * none.
     */
    outside: z
      .strictObject({count: z.number().int(), of: z.number().int(), worst: z.number()})
      .exactOptional()
      .describe('Samples (of a load: seconds) outside the tolerance, whatever the verdict about all of them.'),
    /** For fault intervals: what lies before `from`. */
    settling: settlingSchema().exactOptional(),
    /** For fault intervals of metrics without a `deviation`. */
    change: change().exactOptional(),
    /** Where an attempt to measure it failed because its target did, before or during. Part of `verdict`. */
    availability: availabilitySchema().exactOptional(),
    /** It decides `verdict` where its `decides` is true, else it is only told. */
    deviation: deviation().exactOptional(),
    /**
     * `back`: proven to be inside what is allowed, either way; `confounded-with-time`: proven outside, so that
     * something beside the fault changed it; `open`: too little was seen.
     */
    backToBaseline: z
      .strictObject({state: z.enum(['back', 'confounded-with-time', 'open']), text: z.string()})
      .exactOptional()
      .describe('For recovery intervals: whether the metric is where it was in the baseline (A-B-A).'),
  });

const allowed = () => ({
  by: z.number(),
  critical: z.number().describe('Change from which it is a failure.'),
  of: terms().describe("Of the baseline, a difference of shares of the requests, or one in the metric's unit."),
});

const deviation = () =>
  z
    .strictObject({
      /** What was compared: two windows; the distance to the control group; blocks with the fault on and off. */
      design: z.enum(['before-after', 'control', 'switchback']),
      verdict: verdict(),
      decides: z.boolean().describe('Primary metrics decide; others are shown.'),
      alsoMoved: z.boolean().describe('Does not decide, but changed by more than is allowed.'),
      /** Beyond what is allowed, or even beyond the critical change. */
      grade: z.enum(['degraded', 'failed']).nullable(),
      transient: z.boolean().describe('Beyond what is allowed for a part of the time only.'),
      part: between()
        .nullable()
        .describe(
          'Where only a part of the time proves it: its onset, and when it was proven; seconds into the interval.',
        ),
      /**
       * How far it went in that part, by the same figure before and in it: in the metric's unit, and as a change in
       * the terms of `allowed`.
       */
      partChange: z.strictObject({from: nullable(), to: nullable(), size: nullable()}).exactOptional(),
      subject: z.string().nullable().describe('The subject that decided.'),
      allowed: z.strictObject(allowed()),
      /** For a switchback: with the fault off. Null where there is none. */
      from: nullable().describe("The typical value before, in the metric's unit."),
      to: nullable().describe("The typical value during, in the metric's unit."),
      /** Null when too little was measured. */
      change: change().nullable(),
      /** Most important first. */
      doubts: z.array(z.strictObject({code: z.string(), text: z.string()})).describe('Why it is inconclusive.'),
      /** Null when no length would. */
      settlesSeconds: nullable().describe(
        'How long baseline and fault must each be to settle it; a switchback: the run.',
      ),
      /** Of the same time; part of the verdict where this decides. */
      availability: availabilitySchema().exactOptional(),
      comparedSeconds: nullable().exactOptional().describe('How long the shorter of the windows was.'),
      text: z.string(),
    })
    .describe('Whether the metric changed by more than is allowed: proven, disproven, or open.');

const change = () =>
  z
    .strictObject({
      of: terms().describe('What the numbers are: of the baseline, of the requests, or in units.'),
      /** Null: beyond every limit, because so many requests got no answer. */
      estimate: nullable(),
      lower: nullable().describe('Wrong in one of a hundred runs at most. Null: infinite.'),
      upper: nullable(),
      /** −1 to 1; null where requests and not seconds were compared. */
      cliffsDelta: nullable().describe('P(during > before) − P(during < before) over all pairs of seconds.'),
      /** In the same terms; null when not known. */
      detectable: nullable().describe('The smallest change that these windows would have shown in four of five runs.'),
      /** Between during and before (Hodges and Lehmann); null where requests were compared. */
      hodgesLehmann: nullable().exactOptional().describe("Median of all differences, in the metric's unit."),
      /** Null where the method does not count them. */
      effective: nullable()
        .exactOptional()
        .describe('How many independent values the window with fewer of them is worth.'),
      text: z.string(),
    })
    .describe('How the metric differs from the baseline. Reported; what decides is the `deviation`.');
