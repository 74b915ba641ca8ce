import {certificateCheck} from '../network/certificates.js';
import {basicAuthorization, revealedUrl} from '../network/http-parts.js';
import {openRequester} from '../network/requester.js';

/** An Alertmanager that is asked. Answers never throw for the server's sake; a signal's reason is thrown. */
export interface Alertmanager {
  json(path: 'alerts' | 'silences', signal: AbortSignal): Promise<{readonly json: unknown} | {readonly why: string}>;
  close(): Promise<void>;
}

/** The API of the Alertmanager at this address, whose secrets are revealed. */
export async function openAlertmanager(address: string, reveal: (text: string) => string): Promise<Alertmanager> {
  const base = revealedUrl(address, reveal);
  const headers = basicAuthorization(base);
  base.username = '';
  base.password = '';
  base.pathname = `${base.pathname.replace(/\/+$/, '')}/api/v2/`;
  const requester = openRequester(await certificateCheck(undefined));
  return {
    async json(path, signal) {
      const url = new URL(path, base);
      const answer = await requester.send({method: 'GET', url, headers, redirects: 3, looksInside: true}, signal);
      if ('why' in answer) return {why: `Alertmanager: ${answer.why}`};
      if (answer.status !== 200) return {why: `Alertmanager: status ${answer.status}`};
      try {
        return {json: JSON.parse(answer.body ?? '')};
      } catch {
        return {why: 'expected the answer of an Alertmanager; got something else'};
      }
    },
    close: () => requester.close(),
  };
}
