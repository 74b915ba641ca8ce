import {formatDuration} from '../../quantities/duration.js';
import {printableProse} from '../../quantities/printable.js';
import {describeError} from '../../system/error.js';
import type {ProbeContext} from '../contract.js';
import {serverOf} from '../probes/prometheus/open-server.js';
import {openAlertmanager, type Alertmanager} from './alertmanager.js';
import {routedIn, routingOf, silencesIn, type Silence} from './routing.js';
import {readAlert, rulesOf, scrapeIntervalIn} from './rules.js';
import type {AlertSelector, ReadAlert} from './spec.js';

/** What a source says of each alert, in the order in which they were asked for; or why it says nothing. */
export type AlertsAnswer = {readonly alerts: readonly ReadAlert[]} | {readonly why: string};

/** A source of alerts that is open: its connection is kept between reads. */
export interface AlertSource {
  /** Never throws for the source's sake. @throws the signal's reason when it aborts. */
  read(alerts: readonly AlertSelector[], signal: AbortSignal): Promise<AlertsAnswer>;
  /** How often what it scrapes most often is scraped, ms; 0 where it does not tell. */
  scrapeMs(signal: AbortSignal): Promise<number>;
  /** The silences that hold now; none where there is no Alertmanager, or it does not answer. */
  silences(signal: AbortSignal): Promise<readonly Silence[]>;
  close(): Promise<void>;
}

/** Without an answer for so long (ms) a source counts as not read. */
export const ALERTS_TIMEOUT_MS = 5_000;

/**
 * The alerts of an entry of `sources`.
 * @throws FiredrillError PROBE_UNUSABLE where the file has no such source.
 */
export async function openAlerts(
  from: string,
  context: Pick<ProbeContext, 'sources' | 'reveal'>,
): Promise<AlertSource> {
  const server = await serverOf(from, context);
  const address = context.sources[from]?.alertmanager;
  const manager = address === undefined ? undefined : await openAlertmanager(address, context.reveal);
  return {
    async read(alerts, signal) {
      const over = AbortSignal.timeout(ALERTS_TIMEOUT_MS);
      try {
        const bounded = AbortSignal.any([signal, over]);
        const answer = await server.json('rules', {type: 'alert'}, bounded);
        if ('why' in answer) return {why: printableProse(answer.why)};
        const rules = rulesOf(answer.json);
        if (rules === undefined) return {why: 'expected the alerting rules of a Prometheus server; got something else'};
        const read = alerts.map(alert => readAlert(rules, alert));
        return {alerts: manager === undefined ? read : await routed(manager, {alerts, read}, bounded)};
      } catch (error) {
        signal.throwIfAborted();
        return {
          why: `Prometheus: ${over.aborted ? `no answer within ${formatDuration(ALERTS_TIMEOUT_MS)}` : describeError(error)}`,
        };
      }
    },
    async scrapeMs(signal) {
      const answer = await server.json('targets', {state: 'active'}, signal);
      return 'json' in answer ? scrapeIntervalIn(answer.json) : 0;
    },
    async silences(signal) {
      const bounded = AbortSignal.any([signal, AbortSignal.timeout(ALERTS_TIMEOUT_MS)]);
      const answer = await manager?.json('silences', bounded).catch(() => undefined);
      return answer !== undefined && 'json' in answer ? silencesIn(answer.json) : [];
    },
    async close() {
      await Promise.all([server.close(), manager?.close()]);
    },
  };
}

/** The alerts with what the Alertmanager does with each; where it does not answer, that is said instead. */
async function routed(
  manager: Alertmanager,
  {alerts, read}: {readonly alerts: readonly AlertSelector[]; readonly read: readonly ReadAlert[]},
  signal: AbortSignal,
): Promise<readonly ReadAlert[]> {
  const answer = await manager.json('alerts', signal);
  const all = 'json' in answer ? routedIn(answer.json) : undefined;
  return read.map((one, i) => {
    const selector = alerts[i];
    const routing =
      all === undefined || selector === undefined
        ? ({state: 'unread', receivers: []} as const)
        : routingOf(all, selector);
    return {...one, routing};
  });
}
