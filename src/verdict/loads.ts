import {scenariosOf, type LoadSpec} from '../experiment/load.js';

/** What a load sends, and how often, in one line. */
export function describeLoad(load: LoadSpec): string {
  const requests = scenariosOf(load).flatMap(({steps}) => steps.flatMap(step => ('http' in step ? [step.http] : [])));
  const what = new Set(requests.map(({method, url}) => `${method} ${url}`));
  return `${[...what].join(', ')} at ${describePace(load)}`;
}

function describePace({rate, scenarios, stages = [], arrivals}: LoadSpec): string {
  const rates = [rate, ...stages.flatMap(({fromRate, toRate}) => [fromRate, toRate])];
  const [least, most] = [Math.min(...rates), Math.max(...rates)];
  const range = least === most ? `${least}/s` : `${least} to ${most}/s`;
  const starts = scenarios === undefined ? range : `${range} starts of a scenario`;
  return arrivals === 'poisson' ? `${starts} at random moments` : starts;
}
