import * as z from 'zod';
import {httpUrl} from '../quantities/http.js';
import {notifierKind} from './contract.js';
import {below, headers, revealed} from './fields.js';

const parameters = () =>
  z.strictObject({
    url: httpUrl().describe('Address of the push gateway.'),
    job: z.string().min(1).default('firedrill').describe('The label `job` of the figures.'),
    headers: headers(),
  });

/** A value of the grouping key as the gateway takes any text: https://github.com/prometheus/pushgateway#url */
const inPath = (text: string) => Buffer.from(text).toString('base64url');

/** The figures of the run at its end; those of the experiment's run before are replaced. */
export const pushgateway = notifierKind(
  'The figures of a run at its end, for Prometheus.',
  parameters,
  ({url, job, headers: own}, reveal) => {
    const head = {'content-type': 'text/plain; version=0.0.4; charset=utf-8', ...revealed(own, reveal)};
    const address = below(reveal(url), `metrics/job@base64/${inPath(job)}`);
    return {
      message: ({title, outcome}) =>
        outcome && {
          method: 'PUT',
          url: below(address, `experiment@base64/${inPath(title)}`),
          headers: head,
          body: outcome.metrics,
        },
    };
  },
);
