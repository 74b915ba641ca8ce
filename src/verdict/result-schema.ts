import {z} from 'zod';
import {availabilitySchema} from './availability/schema.js';
import {actionItemSchema, findingSchema, severitySchema} from './finding-schema.js';
import {loadsSchema} from './loads/schema.js';
import {occurrenceSchema} from './occurrence-schema.js';
import {alreadyBackSchema, settlingSchema} from './outside-windows/schema.js';
import {timesSchema} from './times/schema.js';

/**
 * The result's schema: every result that is written passes it, and schema/result.schema.json is made from it. Fields are only ever added;
 * another meaning is another `version`.
 */
export function resultSchema() {
  return z.strictObject({
    ...header(),
    targets: z
      .array(z.strictObject({name: z.string(), driver: z.string(), kind: z.string(), object: z.string()}))
      .describe('What was selected to be hit.'),
    occurrences: z.array(occurrenceSchema()).describe('Every injection that was planned.'),
    intervals: z.array(interval()),
    metrics: z.array(metric()),
    recovery: recovery(),
    times: timesSchema(),
    loads: loadsSchema(),
    checks: z.array(check()),
    guards: z.array(guard()),
    owed: z.array(debt()).describe('Undos without a verified settlement: something is still broken.'),
    putBack: z.string().optional().describe('What became of everything that was changed, in one sentence.'),
    findings: z.array(findingSchema()),
    timeline: z.array(timelineRow()),
    lessons: z.strictObject({well: texts(), wrong: texts(), lucky: texts()}),
    actionItems: z.array(actionItemSchema()),
    sources: z.array(z.strictObject({name: z.string(), what: z.string()})),
    reproduce: z.strictObject({command: z.string(), seed: z.number(), file: z.string(), sha256: z.string()}),
    gaps: texts().describe('What is missing from the record, in plain words.'),
  });
}

const texts = () => z.array(z.string());
const seconds = () => z.number().describe("Seconds since the run's start.");
const nullable = () => z.number().nullable();
const verdict = () => z.enum(['held', 'deviated', 'inconclusive']);
const maybeVerdict = () => verdict().nullable().describe('Null: not judged.');
const intervalKind = () => z.enum(['warmup', 'baseline', 'transition', 'on', 'recovery']);

const ENDS = [
  'done',
  'not-steady',
  'locked',
  'refused',
  'guard',
  'stopped',
  'signal',
  'deadline',
  'not-injected',
  'bug',
] as const;

const header = () => ({
  version: z.literal(1),
  judge: z.string().describe('Which rules made the verdict.'),
  run: z.string(),
  title: z.string(),
  hypothesis: z.string().nullable(),
  owner: z.string().nullable(),
  tags: texts(),
  tool: z.string(),
  host: z.string(),
  startedAt: z.string().describe('UTC, ISO 8601.'),
  endedAt: z.string().nullable(),
  durationSeconds: z.number(),
  end: z.strictObject({kind: z.enum(ENDS), detail: z.string(), signal: z.number().optional()}),
  exit: z.number().int().describe('See docs/exit-codes.md.'),
  verdict: maybeVerdict(),
  headline: z.string().describe('The verdict in one sentence with figures.'),
  banner: z
    .strictObject({label: z.string().describe('`HELD`, `DEVIATED`, `STILL BROKEN`…'), text: z.string()})
    .optional()
    .describe('The headline in its two parts.'),
  severity: severitySchema().nullable(),
  expected: z.enum(['held', 'deviated']),
  reasons: texts().describe('Why the verdict is not `held`.'),
  impact: texts(),
  detection: z.string(),
});

const interval = () => z.strictObject({kind: intervalKind(), from: seconds(), to: seconds(), occurrences: texts()});

const metric = () =>
  z.strictObject({
    name: z.string(),
    source: z.string(),
    unit: z.enum(['ms', 'ratio', 'per-second', 'bytes', 'count', 'number']),
    worse: z.enum(['higher', 'lower', 'either']),
    tolerance: z
      .strictObject({
        below: z.number().optional(),
        above: z.number().optional(),
        equals: z.number().optional(),
        settlesWithinSeconds: z.number(),
      })
      .nullable(),
    deviation: z
      .strictObject({...allowed(), decides: z.boolean(), control: z.string().optional()})
      .optional()
      .describe('The allowed change against the baseline; it decides where there is no tolerance.'),
    judged: z.array(z.enum(['fault', 'recovery'])),
    verdict: maybeVerdict(),
    notDecided: z
      .string()
      .optional()
      .describe(
        'Why it was not decided although it should have been, where others were: its baseline said that it hardly could.',
      ),
    overall: deviation().optional().describe('For a switchback: the answer over all blocks.'),
    explanation: z.string(),
    intervals: z.array(metricInterval()),
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
    value: nullable(),
    min: nullable(),
    max: nullable(),
    samples: z.number().int(),
    missing: z.number().int(),
    withinTolerance: z.boolean().nullable(),
    verdict: maybeVerdict(),
    why: z.string(),
    outside: z
      .strictObject({count: z.number().int(), of: z.number().int(), worst: z.number()})
      .optional()
      .describe('Samples (of a load: seconds) outside the tolerance, whatever the verdict about all of them.'),
    settling: settlingSchema().optional(),
    change: change().optional(),
    availability: availabilitySchema().optional(),
    deviation: deviation().optional(),
    backToBaseline: z
      .strictObject({state: z.enum(['back', 'confounded-with-time', 'open']), text: z.string()})
      .optional()
      .describe('For recovery intervals: whether the metric is where it was in the baseline (A-B-A).'),
  });

const allowed = () => ({
  by: z.number(),
  critical: z.number().describe('Change from which it is a failure.'),
  of: z
    .enum(['relative', 'share', 'unit'])
    .describe("Of the baseline, a difference of shares of the requests, or one in the metric's unit."),
});

const deviation = () =>
  z
    .strictObject({
      design: z.enum(['before-after', 'control', 'switchback']),
      verdict: verdict(),
      decides: z.boolean().describe('Primary metrics decide; others are shown.'),
      alsoMoved: z.boolean().describe('Does not decide, but changed by more than is allowed.'),
      grade: z.enum(['degraded', 'failed']).nullable(),
      transient: z.boolean().describe('Beyond what is allowed for a part of the time only.'),
      part: z
        .tuple([z.number(), z.number()])
        .nullable()
        .describe(
          'Where only a part of the time proves it: its onset, and when it was proven; seconds into the interval.',
        ),
      partChange: z.strictObject({from: nullable(), to: nullable(), size: nullable()}).optional(),
      subject: z.string().nullable().describe('The subject that decided.'),
      allowed: z.strictObject(allowed()),
      from: nullable().describe("The typical value before, in the metric's unit."),
      to: nullable().describe("The typical value during, in the metric's unit."),
      change: change().nullable(),
      doubts: z.array(z.strictObject({code: z.string(), text: z.string()})).describe('Why it is inconclusive.'),
      settlesSeconds: nullable().describe(
        'How long baseline and fault must each be to settle it; a switchback: the run.',
      ),
      availability: availabilitySchema().optional(),
      comparedSeconds: nullable().optional().describe('How long the shorter of the windows was.'),
      text: z.string(),
    })
    .describe('Whether the metric changed by more than is allowed: proven, disproven, or open.');

const change = () =>
  z
    .strictObject({
      of: z
        .enum(['relative', 'share', 'unit'])
        .describe('What the numbers are: of the baseline, of the requests, or in units.'),
      estimate: nullable(),
      lower: nullable().describe('Wrong in one of a hundred runs at most. Null: infinite.'),
      upper: nullable(),
      cliffsDelta: nullable().describe('P(during > before) − P(during < before) over all pairs of seconds.'),
      detectable: nullable().describe('The smallest change that these windows would have shown in four of five runs.'),
      hodgesLehmann: nullable().optional().describe("Median of all differences, in the metric's unit."),
      effective: nullable().optional().describe('How many independent values the window with fewer of them is worth.'),
      text: z.string(),
    })
    .describe('How the metric differs from the baseline. Reported; what decides is the `deviation`.');

const recovery = () =>
  z.strictObject({
    state: z.enum(['recovered', 'not-recovered', 'unknown', 'not-watched']),
    tookSeconds: z.tuple([z.number(), z.number()]).nullable().describe('An interval, because samples are discrete.'),
    withinSeconds: z.number(),
    already: alreadyBackSchema().optional(),
    basis: z.json(),
  });

const check = () =>
  z.strictObject({
    name: z.string(),
    before: nullable(),
    after: nullable(),
    expected: z.string(),
    verdict: verdict(),
    why: z.string(),
  });

const guard = () =>
  z.strictObject({
    metric: z.string(),
    limit: z.string(),
    tripped: z.boolean(),
    blind: z.literal(true).optional().describe('It stopped the run because it had no fresh value.'),
    closest: nullable().describe('As a share of the limit; 1 is reached.'),
  });

const debt = () =>
  z
    .looseObject({
      id: z.string(),
      run: z.string(),
      occurrence: z.string(),
      driver: z.string(),
      undo: z.looseObject({op: z.string(), manual: z.string()}),
    })
    .describe('As the driver wrote it; `undo.manual` is the command a person would type.');

const timelineRow = () =>
  z.strictObject({
    at: z.string(),
    seconds: seconds(),
    what: z.string(),
    source: z.string(),
    kind: z.enum(['phase', 'fault', 'proof', 'undo', 'decision', 'safety', 'note']),
  });
