import {placeWords} from '../signals/logs/spec.js';
import type {Experiment, GuardSpec} from '../experiment/experiment.js';
import {aroundMs} from '../experiment/timeline.js';
import {urlsOf} from '../signals/load/request-text.js';
import {namedRequests, requestsIn, requestsOf, scenariosOf, type LoadSpec} from '../signals/load/spec.js';
import type {JsonObject} from '../quantities/json.js';
import {alertName} from '../signals/alerts/spec.js';
import {originOf} from '../quantities/url.js';
import {guardWords} from '../verdict/judgement/guard.js';
import type {Plan} from '../plan/plan.js';
import {plural} from './text.js';

/** What a load will send at most while the run lasts, for whoever approves it. */
export interface PlannedTraffic {
  readonly load: string;
  /** Scheme, host and port of everything that is asked, as the file writes them: secrets stay references. */
  readonly to: readonly string[];
  /** Requests, or starts of scenarios, per second: the lowest and the highest rate. */
  readonly rate: {readonly from: number; readonly to: number};
  /**
   * Requests in all at most: at the highest rate, with every step of the longest scenario, for as long as the run may
   * take.
   */
  readonly requests: number;
  /** Where requests differ from user to user: the first such request, as the first user might send it. */
  readonly example?: string;
}

function trafficOf(load: LoadSpec, totalMs: number): PlannedTraffic {
  const rates = [load.rate, ...(load.stages ?? []).flatMap(({fromRate, toRate}) => [fromRate, toRate])];
  const steps = Math.max(...scenariosOf(load).map(scenario => requestsIn(scenario.steps).length));
  const most = Math.max(...rates);
  return {
    load: load.name,
    to: [...new Set(requestsOf(load).flatMap(urlsOf).map(originOf))],
    rate: {from: Math.min(...rates), to: most},
    requests: Math.ceil((most * steps * totalMs) / 1000),
  };
}

/** All traffic that the run sends by itself. */
export function plannedTraffic({experiment, totalMs, examples}: Plan): readonly PlannedTraffic[] {
  // Nothing is sent while the commands around the run are under way.
  const sendsMs = totalMs - aroundMs(experiment);
  return Object.values(experiment.load).map(load => {
    const example = examples.find(one => one.load === load.name);
    return {...trafficOf(load, sendsMs), ...(example === undefined ? {} : {example: example.request})};
  });
}

/** Each example in a line of its own: `checkout, for example: GET http://127.0.0.1:8080/orders/1`. */
export function exampleLines({examples}: Plan): readonly string[] {
  return examples.map(({load, request}) => `  ${load}, for example: ${request}`);
}

/** `checkout  20/s  to http://127.0.0.1:8080  at most 3600 requests`; of scenarios the users are told. */
export function trafficRows(plan: Plan): string[][] {
  const {load: loads} = plan.experiment;
  return plannedTraffic(plan).flatMap(({load: name, to, rate, requests}) => {
    const load = loads[name];
    if (load === undefined) return [];
    const each = namedRequests(load).length > 0 ? ' users' : '';
    const range = rate.from === rate.to ? `${rate.to}` : `${rate.from} to ${rate.to}`;
    return [[`  ${name}`, `${range}${each}/s`, `to ${to.join(', ')}`, `at most ${plural(requests, 'request')}`]];
  });
}

function guardText({metric, ...limit}: GuardSpec, {steadyState}: Experiment): string {
  const unit = steadyState.find(({name}) => name === metric)?.unit ?? 'number';
  return guardWords(limit, unit);
}

/** What stops the run at once. */
export function guardRows({experiment}: Plan): string[][] {
  return [
    ...experiment.guards.map(guard => [`  ${guard.metric}`, guardText(guard, experiment)]),
    ...(experiment.alertGuards ?? []).map(guard => [`  ${alertName(guard)}`, `fires (alert of ${guard.from})`]),
  ];
}

/** The logs that will be followed. */
export function logRows({experiment: {logs = []}}: Plan): string[][] {
  return logs.map(({name, place}) => [`  ${name}`, placeWords(place)]);
}

export function guardsJson({experiment}: Plan): readonly JsonObject[] {
  return [
    ...experiment.guards.map(guard => ({metric: guard.metric, stopsAt: guardText(guard, experiment)})),
    ...(experiment.alertGuards ?? []).map(guard => ({alert: alertName(guard), from: guard.from, stopsAt: 'fires'})),
  ];
}
