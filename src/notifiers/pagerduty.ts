import * as z from 'zod';
import {httpUrl} from '../quantities/http.js';
import {notifierKind} from './contract.js';
import {JSON_TYPE, moments, secretText} from './fields.js';

/** The longest summary that PagerDuty takes. */
const LONGEST_SUMMARY = 1024;

const parameters = () =>
  z.strictObject({
    routingKey: secretText('PAGERDUTY_ROUTING_KEY').describe('Integration key of a service, of the Events API v2.'),
    url: httpUrl()
      .default('https://events.pagerduty.com/v2/change/enqueue')
      .describe('Where change events are sent; for the service region of the EU another one.'),
    on: moments(['injected', 'owed', 'ended']),
  });

/**
 * Change events, which stand beside incidents and never open one:
 * https://developer.pagerduty.com/docs/send-change-event
 */
export const pagerduty = notifierKind(
  'Change events beside the incidents of a service; never an incident.',
  parameters,
  ({routingKey, url, on}, reveal) => {
    const [key, address] = [reveal(routingKey), reveal(url)];
    return {
      message: ({moment, at, run, title, owner, host, text, occurrence, outcome}) => {
        if (!on.includes(moment)) return undefined;
        const details = {
          run,
          experiment: title,
          moment,
          ...(owner === undefined ? {} : {owner}),
          ...(occurrence === undefined ? {} : {occurrence}),
          ...(outcome === undefined ? {} : {verdict: outcome.verdict, exit: outcome.exit, means: outcome.means}),
        };
        const summary = `Chaos experiment: ${title}: ${text}`.slice(0, LONGEST_SUMMARY);
        const body = {
          routing_key: key,
          payload: {summary, timestamp: at, source: host, custom_details: details},
        };
        return {method: 'POST', url: address, headers: JSON_TYPE, body: JSON.stringify(body)};
      },
    };
  },
);
