import {alertsOf, alertSources} from '../experiment/alerts.js';
import type {Experiment} from '../experiment/experiment.js';
import {formatDuration} from '../quantities/duration.js';
import {printableProse} from '../quantities/printable.js';
import type {AlertSource} from '../signals/alerts/open.js';
import {hides, type Silence} from '../signals/alerts/routing.js';
import {alertName, isSameAlert, type ReadAlert} from '../signals/alerts/spec.js';
import type {ProbeContext} from '../signals/contract.js';
import {alertDoubts, type AlertDoubt} from '../verdict/alerts/before.js';

/** What a doubt means for a run that is begun now. */
const CONSEQUENCES: Readonly<Record<AlertDoubt['kind'], string>> = {
  refused: '; a run would be refused',
  'not-steady': '; a run would inject nothing while that is so',
  told: '',
};

/**
 * A fault that ends before an alert can have noticed it is never told by it: the metric has to be scraped, the rule
 * evaluated, and its condition true for as long as it says.
 */
function tooShort(
  {faults, expect: {alerts = []}}: Experiment,
  source: string,
  {read, scrapeMs}: {readonly read: readonly ReadAlert[]; readonly scrapeMs: number},
): readonly string[] {
  const longest = Math.max(...faults.map(({forMs}) => forMs));
  return alerts.flatMap(spec => {
    const rule = spec.from === source && read.find(one => isSameAlert({...one, from: source}, spec))?.rule;
    if (!rule) return [];
    const parts = [
      ...(scrapeMs > 0 ? [`a scrape every ${formatDuration(scrapeMs)}`] : []),
      `an evaluation every ${formatDuration(rule.everyMs)}`,
      ...(rule.forMs > 0 ? [`\`for\` ${formatDuration(rule.forMs)}`] : []),
    ];
    const needMs = scrapeMs + rule.everyMs + rule.forMs;
    const takes = `it can take ${formatDuration(needMs)} until it fires (${parts.join(', ')})`;
    const name = `alert ${alertName(spec)}`;
    if (longest < needMs) return [`${name} may not notice a fault of ${formatDuration(longest)}: ${takes}`];
    if (spec.withinMs >= needMs) return [];
    return [`${name} may fire later than the ${formatDuration(spec.withinMs)} that are allowed: ${takes}`];
  });
}

/** Silences that hide an alert that must fire: the commonest reason for one that seems to be missing. */
function hidden({expect: {alerts = []}}: Experiment, source: string, silences: readonly Silence[]): readonly string[] {
  return alerts
    .filter(({from}) => from === source)
    .flatMap(spec =>
      silences.flatMap(silence => {
        const answer = hides(silence, spec);
        if (answer === 'no') return [];
        const verb = answer === 'yes' ? 'hides' : 'may hide (by labels that are known only once it fires)';
        const by = printableProse(silence.createdBy).slice(0, 60);
        return [`a silence of ${by} until ${printableProse(silence.endsAt)} ${verb} alert ${alertName(spec)}`];
      }),
    );
}

async function warningsOf(
  experiment: Experiment,
  name: string,
  source: AlertSource,
  {startsFirst, signal}: {readonly startsFirst: boolean; readonly signal: AbortSignal},
): Promise<readonly string[]> {
  const answer = await source.read(alertsOf(experiment, name), signal);
  if ('why' in answer && startsFirst) return [];
  if ('why' in answer) return [`the alerts of \`${name}\` cannot be read (${answer.why}); a run would inject nothing`];
  const doubts = alertDoubts(experiment, name, answer.alerts).map(({kind, what}) => `${what}${CONSEQUENCES[kind]}`);
  const scrapeMs = await source.scrapeMs(signal);
  const silences = await source.silences(signal);
  return [
    ...doubts,
    ...hidden(experiment, name, silences),
    ...tooShort(experiment, name, {read: answer.alerts, scrapeMs}),
  ];
}

/**
 * What speaks against an answer of the alerts that a file names, as their sources have them now. Silence
 * says nothing where the run itself starts what answers.
 */
export async function alertWarnings(
  experiment: Experiment,
  context: ProbeContext,
  now: {readonly startsFirst: boolean; readonly signal: AbortSignal},
): Promise<readonly string[]> {
  const names = alertSources(experiment);
  if (names.length === 0) return [];
  const {openAlerts} = await import('../signals/alerts/open.js');
  const warnings = names.map(async name => {
    const source = await openAlerts(name, context);
    try {
      return await warningsOf(experiment, name, source, now);
    } finally {
      await source.close();
    }
  });
  return (await Promise.all(warnings)).flat();
}
