import * as z from 'zod';
import {parseDuration} from '../../quantities/duration.js';
import {printableProse} from '../../quantities/printable.js';
import type {AlertRule, AlertSelector, AlertState, ReadAlert} from './spec.js';
import {ALERT_STATES} from './spec.js';

/** What `/api/v1/rules?type=alert` of Prometheus answers, and what it says of the alerts that a file names. Pure. */

const labelsSchema = () => z.record(z.string(), z.string());
const rulesSchema = () =>
  z.object({
    status: z.literal('success'),
    data: z.object({
      groups: z.array(
        z.object({
          interval: z.number(),
          rules: z.array(
            z.object({
              name: z.string(),
              state: z.enum(['inactive', 'pending', 'firing']).optional(),
              duration: z.number().optional(),
              labels: labelsSchema().optional(),
              health: z.string(),
              lastError: z.string().optional(),
              alerts: z.array(z.object({labels: labelsSchema(), state: z.string()})).optional(),
            }),
          ),
        }),
      ),
    }),
  });

/** One alerting rule, with how often its group is evaluated. */
export type FoundRule = z.output<ReturnType<typeof rulesSchema>>['data']['groups'][number]['rules'][number] & {
  readonly everyMs: number;
};

/** An error of a rule is told up to so many characters. */
const LONGEST_ERROR = 300;

/** The alerting rules in the body of an answer; undefined where it is no such answer. */
export function rulesOf(body: unknown): readonly FoundRule[] | undefined {
  const answer = rulesSchema().safeParse(body).data;
  return answer?.data.groups.flatMap(({interval, rules}) =>
    rules.map(rule => ({...rule, everyMs: Math.round(interval * 1000)})),
  );
}

const targetsSchema = () =>
  z.object({data: z.object({activeTargets: z.array(z.object({scrapeInterval: z.string().optional()}))})});

/** The shortest time between two scrapes of a target, ms, in an answer of `/api/v1/targets`; 0: it says nothing. */
export function scrapeIntervalIn(body: unknown): number {
  const targets = targetsSchema().safeParse(body).data?.data.activeTargets ?? [];
  const known = targets.flatMap(({scrapeInterval = ''}) => parseDuration(scrapeInterval) ?? []);
  return known.length === 0 ? 0 : Math.min(...known);
}

/** Whether labels of a rule allow an instance with these; a template may become anything. */
function mayHave(own: Readonly<Record<string, string>>, wanted: AlertSelector['labels']): boolean {
  return Object.entries(wanted).every(([name, value]) => {
    const given = own[name];
    return given === undefined || given === value || given.includes('{{');
  });
}

function has(own: Readonly<Record<string, string>>, wanted: AlertSelector['labels']): boolean {
  return Object.entries(wanted).every(([name, value]) => own[name] === value);
}

function stateOf({health, alerts = []}: FoundRule, {labels: wanted}: AlertSelector): AlertState {
  const states = alerts.filter(instance => has(instance.labels, wanted)).map(({state}) => state);
  if (states.includes('firing')) return 'firing';
  if (states.includes('pending')) return 'pending';
  return health === 'unknown' ? 'unknown' : 'inactive';
}

function ruleOf({health, lastError = '', duration = 0, everyMs}: FoundRule): AlertRule {
  const broken = health !== 'ok' && health !== 'unknown';
  return {
    ...(broken
      ? {error: lastError === '' ? `its health is ${health}` : printableProse(lastError).slice(0, LONGEST_ERROR)}
      : {}),
    forMs: Math.round(duration * 1000),
    everyMs,
  };
}

/** What the rules say of an alert: of several rules of its name, the one that has come furthest. */
export function readAlert(rules: readonly FoundRule[], selector: AlertSelector): ReadAlert {
  const own = rules.filter(({name, labels: given = {}}) => name === selector.alert && mayHave(given, selector.labels));
  const {alert, labels} = selector;
  const read = own.map(rule => ({alert, labels, state: stateOf(rule, selector), rule: ruleOf(rule)}));
  const place = ({state}: ReadAlert) => ALERT_STATES.indexOf(state);
  const none: ReadAlert = {alert, labels, state: 'none'};
  return read.reduce((best, one) => (place(one) > place(best) ? one : best), none);
}
