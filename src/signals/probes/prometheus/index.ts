import {FiredrillError} from '../../../system/error.js';
import type {OpenProbe, ProbeContext, ProbeSource, Reading} from '../../contract.js';
import {basicAuthorization, certificateCheck, revealedUrl} from '../../network/http-parts.js';
import {openRequester, type HttpRequest, type HttpRequester} from '../../network/requester.js';
import {readingsOf} from './answer.js';
import {parameters, unitOf, worseOf, type Parameters} from './parameters.js';

class PrometheusProbe implements OpenProbe {
  readonly perSubject: boolean;

  constructor(
    private readonly requester: HttpRequester,
    private readonly request: HttpRequest,
    private readonly subject: string | undefined,
  ) {
    this.perSubject = subject !== undefined;
  }

  async read(signal: AbortSignal): Promise<readonly Reading[]> {
    const answer = await this.requester.send(this.request, signal);
    if ('why' in answer) return [{value: null, why: `Prometheus: ${answer.why}`}];
    // 400, 422 and 503 carry the API's own error; anything else that is no success comes from something in between.
    const ownError = answer.status >= 400 && answer.body.startsWith('{');
    if (answer.status !== 200 && !ownError) return [{value: null, why: `Prometheus: status ${answer.status}`}];
    const now = Date.parse(answer.date ?? '');
    return readingsOf(answer.body, this.subject, (Number.isNaN(now) ? Date.now() : now) / 1000);
  }

  close(): Promise<void> {
    this.requester.close();
    return Promise.resolve();
  }
}

async function open({from, query, subject}: Parameters, {sources, reveal}: ProbeContext): Promise<OpenProbe> {
  const address = sources[from]?.prometheus;
  if (address === undefined) {
    const known = Object.keys(sources).filter(name => sources[name]?.prometheus !== undefined);
    throw new FiredrillError('PROBE_UNUSABLE', `Expected a source with a \`prometheus\` address; got \`${from}\`.`, {
      hint: known.length === 0 ? 'Declare one under `sources`.' : `The file declares: ${known.join(', ')}.`,
    });
  }
  const url = revealedUrl(address, reveal);
  const headers = basicAuthorization(url);
  url.username = '';
  url.password = '';
  url.pathname = `${url.pathname.replace(/\/+$/, '')}/api/v1/query`;
  url.searchParams.set('query', reveal(query));
  const requester = await openRequester(await certificateCheck(undefined));
  return new PrometheusProbe(requester, {method: 'GET', url, headers, redirects: 3}, subject);
}

export const source: ProbeSource = {
  name: 'prometheus',
  summary: 'A number, or one per value of a label, from an instant query to Prometheus.',
  parameters,
  unit: unitOf,
  worse: worseOf,
  open: (given, context) => open(given as Parameters, context),
};
