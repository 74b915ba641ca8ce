import * as z from 'zod';
import {showValue} from '../../quantities/schema.js';
import {rate, share} from '../../quantities/schema.js';
import {aroundFields} from './around.js';
import {control, design, objective} from './design.js';
import {httpUrl} from '../../quantities/http.js';
import {expectedAlert, forbiddenAlert} from './alerts.js';
import {lasting, name, text, waiting} from './fields.js';
import {log} from './logs.js';
import {notify} from './notify.js';
import {writesCheck} from './writes.js';

const source = () =>
  z
    .strictObject({
      prometheus: httpUrl().optional().describe('Address of a Prometheus server.'),
      alertmanager: httpUrl().optional().describe('Address of an Alertmanager.'),
    })
    .refine(value => value.prometheus !== undefined || value.alertmanager !== undefined, {
      error: 'expected `prometheus` or `alertmanager`; got neither',
    });

const baseline = () =>
  z.union(
    [
      lasting(),
      z.strictObject({lookBack: lasting().describe('How far back to read; every judged metric must come from Prometheus.')}),
    ],
    {error: issue => `expected a duration or \`{lookBack: 1h}\`; got ${showValue(issue.input)}`},
  );

const windows = () =>
  z
    .strictObject({
      warmup: waiting().prefault('5s').describe('Load runs, nothing counts yet.'),
      baseline: baseline()
        .optional()
        .describe('How long the system is measured before anything is broken; or `{lookBack: 1h}`: the past. Default: `30s`, and `2m` where a metric is judged by its `deviation`.'),
      goOn: lasting()
        .optional()
        .describe('How long the baseline and the fault may each become while a metric that is judged by its `deviation` is still open; `--go-on` says the same for one run.'),
      recovery: lasting().prefault('1m').describe('How long to wait for the steady state to come back.'),
    })
    .prefault({});

const safety = () =>
  z
    .strictObject({
      maxTargets: z.int().min(1).max(10_000).default(3).describe('Most targets that all faults together may hit.'),
      maxShare: share({positive: true})
        .prefault('50%')
        .describe('Largest share of the candidates that may be hit, where a selector has several.'),
      irreversible: z
        .enum(['refuse', 'allow'])
        .default('refuse')
        .describe('`allow` is needed for what cannot be put back: a `--rm` container, a bare pod.'),
    })
    .prefault({});

/** The parts of an experiment that are not lists of named things. */
export const headFields = () => ({
  version: z
    .literal(1, {error: issue => `expected \`1\`, the version of the format that this Firedrill reads; got ${showValue(issue.input)}`})
    .describe('Version of the file format.'),
  title: text().describe('What the experiment shows, as one sentence.'),
  hypothesis: text().optional().describe('The sentence that the experiment tries to refute.'),
  owner: text().optional().describe('Team or person that owns the experiment.'),
  tags: z.array(text()).default([]).describe('Words to find experiments by.'),
  include: z
    .array(text())
    .default([])
    .describe('Files with variables, sources, targets, load, logs, steadyState or guards to share. Paths are relative to this file; they stay below its folder, or below one that `--include-from` names.'),
  variables: z
    .record(z.string().regex(/^[A-Za-z_][\w.-]*$/, 'expected a name of letters, digits, `_`, `-`, `.`'), z.union([z.string(), z.number(), z.boolean()]))
    .default({})
    .describe('Values for `${var:name}`. `--var name=value` overrides what is declared here and nothing else.'),
  sources: z.record(z.string(), source()).default({}).describe('Where metrics and alerts are read from, by name.'),
  logs: z
    .record(name(), log())
    .optional()
    .describe('Logs that are followed while the run measures, by name: lines of a form that the baseline did not have are told, and the metric `logs` counts lines.'),
  minimumTraffic: rate({positive: true})
    .optional()
    .describe('Requests per second below which metrics of traffic that is not ours are inconclusive.'),
  windows: windows().describe('How long to measure.'),
  ...aroundFields(),
  design: design(),
  control: control(),
  objective: objective(),
  notify: notify(),
  safety: safety().describe('Limits of the blast radius, over all faults together.'),
});

const TIMED = ['within', 'outFor', 'undoneWithin'] as const;

/** Which of them an entry has, in words. */
function timedIn(input: unknown): string {
  const found = TIMED.filter(key => typeof input === 'object' && input !== null && key in input);
  return found.map(key => `\`${key}\``).join(' and ') || 'none of them';
}

const timeLimit = () =>
  z
    .strictObject({
      name: name().describe('What is timed, as the report calls it: `failed over`.'),
      metric: z.string().optional().describe('The metric whose tolerance is meant.'),
      within: lasting().optional().describe('It is inside its tolerance, and stays, this long after the undo (or the injection).'),
      from: z.enum(['injection', 'undo']).optional().describe('What `within` counts from; default: `undo`.'),
      outFor: lasting().optional().describe('It is outside its tolerance for this long at most, in all.'),
      fault: z.string().optional().describe('The fault whose undo is timed.'),
      undoneWithin: lasting().optional().describe('The undo takes at most this long, until it is verified.'),
    })
    .refine(limit => TIMED.filter(key => limit[key] !== undefined).length === 1, {
      error: ({input}) => `expected exactly one of \`within\`, \`outFor\`, \`undoneWithin\`; got ${timedIn(input)}`,
    })
    .refine(({undoneWithin, fault, metric}) => (undoneWithin === undefined ? metric : fault) !== undefined, {
      error: 'expected `metric` beside `within` and `outFor`, and `fault` beside `undoneWithin`',
    })
    .refine(({undoneWithin, fault, metric}) => (undoneWithin === undefined ? fault : metric) === undefined, {
      error: 'expected `metric` or `fault`, as `within`, `outFor` or `undoneWithin` needs it; got both',
    })
    .refine(({from, within}) => from === undefined || within !== undefined, {error: 'expected `from` beside `within` only'});

/** One entry of `expect.times` as it is written. */
export type WrittenTimeLimit = z.output<ReturnType<typeof timeLimit>>;

/** `expect` without its checks, which are read one by one. */
export const expectFields = () => ({
  recovery: z
    .strictObject({within: lasting().describe('The steady state must be back this long after the undo.')})
    .optional()
    .describe('By default the steady state must be back within the recovery window.'),
  times: z.array(timeLimit()).default([]).describe('Times with a limit of their own: out for, back within, failed over within, undone within.'),
  writes: z.array(writesCheck()).default([]).describe('Acknowledged writes of a load, compared with what is stored at the end: lost, doubled, done although not acknowledged.'),
  alerts: z.array(expectedAlert()).default([]).describe('Alerts that must fire, how soon, and how soon they must resolve.'),
  forbid: z.array(forbiddenAlert()).default([]).describe('Alerts that must not fire from the first injection on.'),
  verdict: z.enum(['held', 'deviated']).default('held').describe('`deviated` pins a known weakness as a regression test.'),
});
