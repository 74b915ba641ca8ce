import {createServer, type Server} from 'node:http';
import {once} from 'node:events';
import type {MetricSpec} from '../experiment/experiment.js';
import type {Event} from '../record/events.js';
import {aroundOf} from '../record/around.js';
import type {Observer} from '../record/observer.js';
import type {LoadSecond, Sample} from '../signals/contract.js';
import {FiredrillError, describeError} from '../system/error.js';
import {loadOf} from '../verdict/judgement/data.js';
import {secondValue} from '../verdict/judgement/load-window.js';

/** A run's live metrics for Prometheus: an observer like any other, and an HTTP server on loopback. */
export interface LiveMetrics extends Observer {
  readonly url: string;
  close(): Promise<void>;
}

const HELD = new Set<Event['type']>(['change.confirmed']);
const OVER = new Set<Event['type']>(['debts.settled', 'change.failed', 'hold.ended']);

async function instruments() {
  const {Counter, Gauge, Registry} = await import('prom-client');
  const registry = new Registry();
  const registers = [registry];
  return {
    registry,
    value: new Gauge({
      name: 'firedrill_metric',
      help: 'Latest value of a metric of the steady state, in its own unit.',
      labelNames: ['metric', 'subject'],
      registers,
    }),
    phase: new Gauge({
      name: 'firedrill_phase',
      help: '1 for the phase the run is in.',
      labelNames: ['phase'],
      registers,
    }),
    inForce: new Gauge({
      name: 'firedrill_fault_in_force',
      help: '1 while an occurrence of a fault is in force.',
      labelNames: ['occurrence'],
      registers,
    }),
    requests: new Counter({
      name: 'firedrill_load_requests_total',
      help: 'Requests of the load, by outcome.',
      labelNames: ['load', 'outcome'],
      registers,
    }),
    missing: new Counter({
      name: 'firedrill_samples_missing_total',
      help: 'Samples without a value.',
      labelNames: ['metric'],
      registers,
    }),
  };
}

async function listen(server: Server, port: number): Promise<void> {
  try {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
  } catch (cause) {
    throw new FiredrillError(
      'BAD_USAGE',
      `Expected a free port for --metrics-port; \`${port}\`: ${describeError(cause)}.`,
      {cause},
    );
  }
}

/**
 * Serves `/metrics` on 127.0.0.1 until closed; port 0 takes any.
 * @throws FiredrillError BAD_USAGE when the port cannot be had.
 */
export async function serveLiveMetrics(port: number): Promise<LiveMetrics> {
  const {registry, value, phase, inForce, requests, missing} = await instruments();
  const names = new Map<number, {metric: string; subject: string}>();
  let byLoad: readonly MetricSpec[] = [];
  const server = createServer((request, response) => {
    if (request.url !== '/metrics') {
      response.writeHead(404).end('try /metrics\n');
      return;
    }
    void registry.metrics().then(text => response.writeHead(200, {'content-type': registry.contentType}).end(text));
  });
  await listen(server, port);
  const address = server.address();
  const bound = typeof address === 'object' && address !== null ? address.port : port;
  return {
    url: `http://127.0.0.1:${bound}/metrics`,
    event(event) {
      if (event.type === 'run.started')
        byLoad = event.experiment.steadyState.filter(metric => metric.source === 'load');
      if (event.type === 'series.opened') names.set(event.id, {metric: event.metric, subject: event.subject ?? ''});
      if (event.type === 'phase.entered') {
        phase.reset();
        phase.set({phase: event.phase}, 1);
      }
      const occurrence =
        'occurrence' in event && aroundOf(event.occurrence) === undefined ? event.occurrence : undefined;
      if (occurrence !== undefined && HELD.has(event.type)) inForce.set({occurrence}, 1);
      if (occurrence !== undefined && OVER.has(event.type)) inForce.set({occurrence}, 0);
    },
    sample(series: number, sample: Sample) {
      const name = names.get(series);
      if (name === undefined) return;
      if (sample.value === null) missing.inc({metric: name.metric});
      else value.set(name, sample.value);
    },
    second(second: LoadSecond) {
      for (const metric of byLoad) {
        const now = loadOf(metric) === second.load ? secondValue(metric, second) : null;
        if (now !== null) value.set({metric: metric.name, subject: ''}, now);
      }
      for (const [outcome, buckets] of Object.entries(second.outcomes)) {
        requests.inc(
          {load: second.load, outcome},
          buckets.reduce((sum, [, count]) => sum + count, 0),
        );
      }
    },
    async close() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
