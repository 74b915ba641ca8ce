import * as z from 'zod';
import {httpUrl} from '../quantities/http.js';
import {notifierKind, type Message, type Notice} from './contract.js';
import {below, fieldIn, headers, JSON_TYPE, revealed} from './fields.js';

const parameters = () =>
  z.strictObject({
    url: httpUrl().describe('Address of the Alertmanager.'),
    matchers: z
      .record(z.string().regex(/^[A-Za-z_]\w*$/, 'expected the name of a label'), z.string().min(1))
      .refine(labels => Object.keys(labels).length > 0, {
        error: 'expected at least one label: a silence without one would hide every alert',
      })
      .describe('Labels of the alerts that are silenced, each with its value.'),
    headers: headers(),
  });

/** What a run may take beyond its plan before the silence ends by itself. */
const MARGIN_MS = 60_000;

/** The id of the silence; undefined where the answer has none that can stand in a path. */
function silenceIn(body: string): string | undefined {
  const id = fieldIn(body, 'silenceID');
  return typeof id === 'string' && /^[\w-]{1,64}$/.test(id) ? id : undefined;
}

/**
 * A silence for the time of the run, over API v2. It is taken away at the end, and ends by itself where nobody is left
 * to do so: https://github.com/prometheus/alertmanager/blob/main/api/v2/openapi.yaml
 */
export const alertmanager = notifierKind(
  'A silence for the time of the run; it ends with it, and by itself.',
  parameters,
  ({url, matchers, headers: own}, reveal) => {
    const address = reveal(url);
    let silence: string | undefined;
    const head = {...JSON_TYPE, ...revealed(own, reveal)};
    const begin = ({at, endsBy, title, run, host}: Notice & {readonly endsBy: string}): Message => ({
      method: 'POST',
      url: below(address, 'api/v2/silences'),
      headers: head,
      body: JSON.stringify({
        matchers: Object.entries(matchers).map(([name, value]) => ({name, value, isRegex: false, isEqual: true})),
        startsAt: at,
        endsAt: new Date(Date.parse(endsBy) + MARGIN_MS).toISOString(),
        createdBy: `firedrill on ${host}`,
        comment: `Chaos experiment: ${title} (run ${run})`,
      }),
    });
    return {
      message: notice => {
        const {moment, endsBy} = notice;
        if (moment === 'started' && endsBy !== undefined) return begin({...notice, endsBy});
        if (moment !== 'ended' || silence === undefined) return undefined;
        return {method: 'DELETE', url: below(address, `api/v2/silence/${silence}`), headers: head, body: ''};
      },
      answered: ({moment}, body) => {
        if (moment === 'started') silence = silenceIn(body);
      },
    };
  },
);
