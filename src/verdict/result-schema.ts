import * as z from 'zod';
import type {Json} from '../quantities/json.js';
import {alertSchema} from './alerts/schema.js';
import {dependenciesSchema} from './dependencies/schema.js';
import {actionItemSchema, findingSchema, severitySchema} from './finding-schema.js';
import {logSchema} from './logs/schema.js';
import {loadsSchema} from './loads/schema.js';
import {metricSchema} from './metric-schema.js';
import {occurrenceSchema} from './occurrence-schema.js';
import {alreadyBackSchema} from './outside-windows/schema.js';
import {between, intervalKind, maybeVerdict, nullable, seconds, texts, verdict} from './schema-parts.js';
import {timesSchema} from './times/schema.js';
import {writesSchema} from './writes/schema.js';

/**
 * The result's schema: every result that is written passes it, and schema/result.schema.json is made from it. Fields
 * are only ever added; another meaning is another `version`.
 */
export function resultSchema() {
  return z.strictObject({
    ...header(),
    targets: z
      .array(z.strictObject({name: z.string(), driver: z.string(), kind: z.string(), object: z.string()}))
      .describe('What was selected to be hit.'),
    occurrences: z.array(occurrenceSchema()).describe('Every injection that was planned.'),
    intervals: z.array(interval()),
    metrics: z.array(metricSchema()),
    recovery: recovery(),
    times: timesSchema(),
    loads: loadsSchema(),
    checks: z.array(check()),
    timeLimits: z
      .array(timeLimit())
      .exactOptional()
      .describe('Times with a limit of their own (`expect.times`). Absent where the file has none.'),
    writes: z
      .array(writesSchema())
      .exactOptional()
      .describe(
        'Acknowledged writes beside what is stored at the end (`expect.writes`). Absent where the file has none.',
      ),
    alerts: z
      .array(alertSchema())
      .exactOptional()
      .describe('What became of each alert that the file names. Absent where it names none.'),
    dependencies: dependenciesSchema()
      .exactOptional()
      .describe('What the targets are connected with, and what the run proved of it. Absent where nothing is known.'),
    logs: z
      .array(logSchema())
      .exactOptional()
      .describe('The logs that were followed (`logs`), as evidence. Absent where the file has none.'),
    guards: z.array(guard()),
    owed: z.array(debt()).describe('Undos without a verified settlement: something is still broken.'),
    /** Absent in results of earlier versions, like the banner. */
    putBack: z.string().exactOptional().describe('What became of everything that was changed, in one sentence.'),
    findings: z.array(findingSchema()),
    timeline: z.array(timelineRow()),
    lessons: z.strictObject({well: texts(), wrong: texts(), lucky: texts()}),
    actionItems: z.array(actionItemSchema()),
    sources: z.array(z.strictObject({name: z.string(), what: z.string()})),
    reproduce: z.strictObject({command: z.string(), seed: z.number(), file: z.string(), sha256: z.string()}),
    gaps: texts().describe('What is missing from the record, in plain words.'),
  });
}

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
  end: z.strictObject({kind: z.enum(ENDS), detail: z.string(), signal: z.number().exactOptional()}),
  exit: z.number().int().describe('See docs/exit-codes.md.'),
  /** Null when nothing was judged (refused, not steady, interrupted before the fault). */
  verdict: maybeVerdict(),
  /** For the last line of the terminal and the top of the report: the banner as one text. */
  headline: z.string().describe('The verdict in one sentence with figures.'),
  banner: z
    .strictObject({label: z.string().describe('`HELD`, `DEVIATED`, `STILL BROKEN`…'), text: z.string()})
    .exactOptional()
    .describe('The headline in its two parts.'),
  /** The highest of the findings; null without any. */
  severity: severitySchema().nullable(),
  /** What the file expects: `deviated` pins a known weakness. */
  expected: z.enum(['held', 'deviated']),
  /** What deviated and what could not be judged, most important first. */
  reasons: texts().describe('Why the verdict is not `held`.'),
  /** What it did to users, in figures. */
  impact: texts(),
  /** What showed the effect first, and when. */
  detection: z.string(),
  /** The same as a figure; absent in results of earlier versions too. */
  detected: z
    .strictObject({metric: z.string(), seconds: z.number().describe('After the injection.')})
    .exactOptional()
    .describe('The metric that left what is allowed first. Absent where none did.'),
});

const interval = () => z.strictObject({kind: intervalKind(), from: seconds(), to: seconds(), occurrences: texts()});

const recovery = () =>
  z.strictObject({
    state: z.enum(['recovered', 'not-recovered', 'unknown', 'not-watched']),
    /** From the last undo (or T0 for faults that the platform heals). */
    tookSeconds: between().nullable().describe('An interval, because samples are discrete.'),
    withinSeconds: z.number(),
    /** Where it was back before the recovery began, or never away, which `tookSeconds` cannot say. */
    already: alreadyBackSchema().exactOptional(),
    basis: json(),
  });

/** Said to be `Json`, which is read-only already. */
const json = (): z.ZodType<Json> => z.json();

const check = () =>
  z.strictObject({
    name: z.string(),
    before: nullable(),
    after: nullable(),
    expected: z.string(),
    verdict: verdict(),
    why: z.string(),
  });

const timeLimit = () =>
  z.strictObject({
    name: z.string(),
    what: z.string().describe('What was timed, in words.'),
    limitSeconds: z.number(),
    tookSeconds: z
      .strictObject({atLeast: z.number(), atMost: nullable()})
      .nullable()
      .describe('What it took, as an interval; `atMost` null: it had not ended. Null: nothing is known of it.'),
    occurrence: z.string().exactOptional().describe('The injection that kept to it worst.'),
    verdict: verdict(),
    why: z.string(),
  });

const guard = () =>
  z.strictObject({
    metric: z.string(),
    limit: z.string(),
    tripped: z.boolean(),
    blind: z.literal(true).exactOptional().describe('It stopped the run because it had no fresh value.'),
    /** The closest that it came to the limit; null without data. */
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
    /** Where the row comes from: `events.ndjson #12`. */
    source: z.string(),
    kind: z.enum(['phase', 'fault', 'proof', 'undo', 'decision', 'safety', 'alert', 'note']),
  });
