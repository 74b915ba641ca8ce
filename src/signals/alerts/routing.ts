import * as z from 'zod';
import {compilePattern, patternProblem} from '../../quantities/pattern.js';
import {printableProse} from '../../quantities/printable.js';
import type {AlertRouting, AlertSelector} from './spec.js';

/** What `/api/v2/alerts` and `/api/v2/silences` of an Alertmanager answer, and what it says of an alert. Pure. */

const ids = () => z.array(z.string()).optional();
const alertsSchema = () =>
  z.array(
    z.object({
      labels: z.record(z.string(), z.string()),
      receivers: z.array(z.object({name: z.string()})),
      status: z.object({state: z.string(), silencedBy: ids(), inhibitedBy: ids(), mutedBy: ids()}),
    }),
  );
const silencesSchema = () =>
  z.array(
    z.object({
      id: z.string(),
      status: z.object({state: z.string()}),
      matchers: z.array(
        z.object({name: z.string(), value: z.string(), isRegex: z.boolean(), isEqual: z.boolean().optional()}),
      ),
      endsAt: z.string(),
      createdBy: z.string(),
    }),
  );

/** An alert that the Alertmanager has got. */
export type RoutedAlert = z.output<ReturnType<typeof alertsSchema>>[number];
/** A silence that holds now. */
export type Silence = z.output<ReturnType<typeof silencesSchema>>[number];

/** More names than these are left out, and longer ones cut. */
const MOST_NAMES = 10;
const LONGEST_NAME = 100;

/** The alerts in the body of an answer; undefined where it is no such answer. */
export function routedIn(body: unknown): readonly RoutedAlert[] | undefined {
  return alertsSchema().safeParse(body).data;
}

/** The silences that hold now, in the body of an answer. */
export function silencesIn(body: unknown): readonly Silence[] {
  return (silencesSchema().safeParse(body).data ?? []).filter(({status}) => status.state === 'active');
}

const HIDDEN = {silencedBy: 'silence', inhibitedBy: 'inhibition', mutedBy: 'mute'} as const;

/** What the Alertmanager does with an alert: it is active where one of its instances is. */
export function routingOf(all: readonly RoutedAlert[], {alert, labels}: AlertSelector): AlertRouting {
  const wanted = Object.entries({...labels, alertname: alert});
  const own = all.filter(one => wanted.every(([name, value]) => one.labels[name] === value));
  const active = own.filter(({status}) => status.state === 'active');
  const suppressed = own.filter(({status}) => status.state === 'suppressed');
  const told = active.length > 0 ? active : suppressed;
  const names = told.flatMap(({receivers}) => receivers.map(({name}) => printableProse(name).slice(0, LONGEST_NAME)));
  const receivers = [...new Set(names)].sort().slice(0, MOST_NAMES);
  if (active.length > 0) return {state: 'active', receivers};
  if (suppressed.length === 0) return {state: 'absent', receivers: []};
  const by = (['silencedBy', 'inhibitedBy', 'mutedBy'] as const).find(key =>
    suppressed.some(({status}) => (status[key] ?? []).length > 0),
  );
  return {state: 'suppressed', receivers, ...(by === undefined ? {} : {hiddenBy: HIDDEN[by]})};
}

/** A longer pattern of somebody else is not tried. */
const LONGEST_PATTERN = 500;

/** Whether a whole text fits a pattern of the Alertmanager; undefined where the pattern cannot be tried. */
function fits(pattern: string, text: string): boolean | undefined {
  if (pattern.length > LONGEST_PATTERN || patternProblem(pattern) !== undefined) return undefined;
  return compilePattern(pattern, {whole: true}).test(text);
}

/** Whether a silence hides an alert, as far as its labels are known before it fires. */
export function hides({matchers}: Silence, {alert, labels}: AlertSelector): 'yes' | 'maybe' | 'no' {
  const known: Readonly<Record<string, string>> = {...labels, alertname: alert};
  const answers = matchers.map(({name, value, isRegex, isEqual = true}) => {
    const given = known[name];
    if (given === undefined) return 'maybe';
    const matches = isRegex ? fits(value, given) : given === value;
    return matches === undefined ? 'maybe' : matches === isEqual ? 'yes' : 'no';
  });
  return answers.includes('no') ? 'no' : answers.includes('maybe') ? 'maybe' : 'yes';
}
