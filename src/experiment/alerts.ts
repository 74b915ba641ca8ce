import {isSameAlert, type AlertSelector} from '../signals/alerts/spec.js';
import type {Experiment} from './experiment.js';

/** All alerts that a file names at one source, each once: in this order the record has what the source says of them. */
export function alertsOf(
  {alertGuards = [], expect: {alerts = [], forbid = []}}: Pick<Experiment, 'alertGuards' | 'expect'>,
  source: string,
): readonly AlertSelector[] {
  const all = [...alerts, ...forbid, ...alertGuards].filter(({from}) => from === source);
  return all.filter((alert, i) => all.findIndex(other => isSameAlert(alert, other)) === i);
}

/** The sources that are asked for alerts. */
export function alertSources({
  sources,
  ...named
}: Pick<Experiment, 'sources' | 'alertGuards' | 'expect'>): readonly string[] {
  return Object.keys(sources).filter(source => alertsOf(named, source).length > 0);
}
