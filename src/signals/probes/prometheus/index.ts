import {parseSelector} from '../../../quantities/prometheus/selector.js';
import type {Life} from '../../../quantities/prometheus/life.js';
import type {OpenProbe, ProbeContext, ProbeSource} from '../../contract.js';
import {formOf} from './forms.js';
import {serverOf} from './open-server.js';
import {parameters, type Parameters} from './parameters.js';
import {QueryProbe} from './query-probe.js';
import {RawProbe} from './raw-probe.js';
import {monoUs} from './server-clock.js';

/**
 * The bad events are some of the series that are counted in all, picked by labels that these have: then none of them
 * means none happened.
 */
function isPartOf(bad: string, total: string, all: readonly Life[]): boolean {
  const [part, whole] = [parseSelector(bad), parseSelector(total)];
  if (!('name' in part) || !('name' in whole) || part.name !== whole.name) return false;
  return all.length > 0 && part.labels.every(label => all.some(({labels}) => label in labels));
}

async function open(given: Parameters, context: ProbeContext, everyMs: number | undefined): Promise<OpenProbe> {
  const server = await serverOf(given.from, context);
  const {reveal} = context;
  const {subject, query, bad = '', total = ''} = given;
  const form = formOf(given);
  if (form === undefined) return new QueryProbe({server, query: reveal(query ?? ''), subject, everyMs, mono: monoUs});
  return new RawProbe({
    server,
    form: {...form, selectors: form.selectors.map(reveal)},
    subject,
    everyMs,
    absentIsZero: ([, all = []]) => isPartOf(bad, total, all),
    mono: monoUs,
  });
}

export const source: ProbeSource = {
  name: 'prometheus',
  summary:
    'From Prometheus: the answer of a query, or rates, gauges, error ratios and quantiles made of the raw samples it has scraped.',
  parameters,
  opens: {anew: 'only what the server has closed', kept: 'the connection to Prometheus, which is not the target'},
  open: (given, context, everyMs) => open(given as Parameters, context, everyMs),
};
