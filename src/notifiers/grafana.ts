import * as z from 'zod';
import {httpUrl} from '../quantities/http.js';
import {notifierKind, type Notice} from './contract.js';
import {below, fieldIn, headers, JSON_TYPE, revealed, secretText, withoutTags} from './fields.js';

const parameters = () =>
  z.strictObject({
    url: httpUrl().describe('Address of Grafana.'),
    token: secretText('GRAFANA_TOKEN').optional().describe('Of a service account that may write annotations.'),
    dashboard: z
      .string()
      .min(1)
      .optional()
      .describe('UID of the dashboard; without it they are those of the organisation.'),
    tags: z.array(z.string().min(1)).default(['firedrill']).describe('Tags of the annotations.'),
    headers: headers(),
  });

/** The number that Grafana gives an annotation; undefined where the answer has none. */
function idIn(body: string): number | undefined {
  const id = fieldIn(body, 'id');
  return typeof id === 'number' ? id : undefined;
}

/**
 * An annotation for each fault, from its injection to its undo:
 * https://grafana.com/docs/grafana/latest/developers/http_api/annotations/
 */
export const grafana = notifierKind(
  'An annotation on the dashboards for each fault, from its injection to its undo.',
  parameters,
  ({url, token, dashboard, tags, headers: own}, reveal) => {
    const address = reveal(url);
    const opened = new Map<string, {readonly id?: number | undefined; readonly from: number; readonly text: string}>();
    const head = {
      ...JSON_TYPE,
      ...(token === undefined ? {} : {authorization: `Bearer ${reveal(token)}`}),
      ...revealed(own, reveal),
    };
    const send = (method: 'POST' | 'PATCH', path: string, body: object) =>
      ({method, url: below(address, path), headers: head, body: JSON.stringify(body)}) as const;
    const whole = (text: string, time: number) => ({
      ...(dashboard === undefined ? {} : {dashboardUID: dashboard}),
      tags,
      text,
      time,
    });
    const begin = ({title, text}: Notice, occurrence: string, from: number) => {
      const shown = withoutTags(`${title}: ${text}`);
      opened.set(occurrence, {from, text: shown});
      return send('POST', 'api/annotations', whole(shown, from));
    };
    const end = (occurrence: string, timeEnd: number) => {
      const known = opened.get(occurrence);
      opened.delete(occurrence);
      if (known === undefined) return undefined;
      if (known.id !== undefined) return send('PATCH', `api/annotations/${known.id}`, {timeEnd});
      // The first one was not accepted: now the whole time at once.
      return send('POST', 'api/annotations', {...whole(known.text, known.from), timeEnd});
    };
    return {
      message: notice => {
        const {moment, occurrence} = notice;
        if (occurrence === undefined) return undefined;
        const at = Date.parse(notice.at);
        if (moment === 'injected') return begin(notice, occurrence, at);
        return moment === 'undone' ? end(occurrence, at) : undefined;
      },
      answered: ({moment, occurrence = ''}, body) => {
        const known = opened.get(occurrence);
        if (moment === 'injected' && known !== undefined) opened.set(occurrence, {...known, id: idIn(body)});
      },
    };
  },
);
