import {formatStatusRanges, isStatusIn} from '../../../quantities/http.js';
import {compilePattern, type Pattern} from '../../../quantities/pattern.js';
import type {OpenProbe, ProbeContext, ProbeSource, Reading} from '../../contract.js';
import {isTimeUp} from '../../network/failure.js';
import {certificateCheck} from '../../network/certificates.js';
import {basicAuthorization, revealedHeaders, revealedUrl} from '../../network/http-parts.js';
import {openRequester, type HttpAnswer, type HttpRequest, type HttpRequester} from '../../network/requester.js';
import {noValue, type NoValue} from '../../missing.js';
import {readJsonNumber, readNumber} from '../../number.js';
import {scrubber} from '../../scrub.js';
import {parameters, type Parameters} from './parameters.js';

type AnsweredRequest = Extract<HttpAnswer, {status: number}>;

const UNREADABLE = 'the body cannot be read: it is not packed as its `content-encoding` says, or becomes too large';

/** Why an answer is not the expected one; undefined when it is. */
function unexpected(
  answer: AnsweredRequest,
  {expect: {status, bodyMatches}, redirects}: Parameters,
  body: Pattern | undefined,
): NoValue | undefined {
  if (!isStatusIn(answer.status, status)) {
    const leadsOn = answer.status >= 300 && answer.status < 400 && answer.status !== 304 && redirects === 0;
    const hint = leadsOn ? '; `redirects: 1` would follow it' : '';
    return noValue(
      `status-${answer.status}`,
      `status ${answer.status} (expected ${formatStatusRanges(status)}${hint})`,
    );
  }
  if (body === undefined) return undefined;
  if (answer.body === undefined) return noValue('answer', UNREADABLE);
  return body.test(answer.body) ? undefined : noValue('answer', `the body does not match \`${bodyMatches ?? ''}\``);
}

function readingOf(answer: HttpAnswer, {wanted, body}: Pick<HttpProbeParts, 'wanted' | 'body'>): Reading {
  if ('why' in answer) return wanted.measure === 'up' ? {value: 0} : noValue(answer.reason, answer.why);
  if (wanted.measure === 'status') return {value: answer.status};
  const none = unexpected(answer, wanted, body);
  if (wanted.measure === 'up') return {value: none === undefined ? 1 : 0};
  if (none !== undefined) return none;
  if (wanted.measure === 'latency') return {value: answer.ms};
  if (answer.body === undefined) return noValue('answer', UNREADABLE);
  return wanted.jsonPath === undefined ? readNumber(answer.body) : readJsonNumber(answer.body, wanted.jsonPath);
}

interface HttpProbeParts {
  readonly requester: HttpRequester;
  readonly request: HttpRequest;
  readonly wanted: Parameters;
  /** What the body has to match. */
  readonly body: Pattern | undefined;
  readonly scrub: (text: string) => string;
}

class HttpProbe implements OpenProbe {
  readonly asks = 'target';

  constructor(private readonly parts: HttpProbeParts) {}

  async read(signal: AbortSignal): Promise<readonly Reading[]> {
    const {requester, request, wanted, scrub} = this.parts;
    try {
      const answer = await requester.send(request, signal);
      const seen = 'why' in answer || answer.body === undefined ? answer : {...answer, body: scrub(answer.body)};
      return [readingOf(seen, this.parts)];
    } catch (error) {
      // No answer in time is an answer to the question whether it is up.
      if (wanted.measure === 'up' && isTimeUp(signal)) return [{value: 0}];
      throw error;
    }
  }

  close(): Promise<void> {
    return this.parts.requester.close();
  }
}

async function open(wanted: Parameters, {reveal}: ProbeContext): Promise<OpenProbe> {
  const {method, body, redirects, measure, expect} = wanted;
  const url = revealedUrl(wanted.url, reveal);
  // Whether it is up is asked on a new connection: a server that takes none goes on answering on those it has.
  const anew = measure === 'up' ? {connection: 'close'} : {};
  const headers = {...anew, ...basicAuthorization(url), ...revealedHeaders(wanted.headers, reveal)};
  url.username = '';
  url.password = '';
  const requester = openRequester(await certificateCheck(wanted.tls));
  const looksInside = measure === 'number' || expect.bodyMatches !== undefined;
  const request = {
    method,
    url,
    headers,
    redirects,
    looksInside,
    body: body === undefined ? undefined : reveal(body),
  };
  const scrub = scrubber([wanted.url, ...Object.values(wanted.headers), body ?? ''], reveal);
  const {bodyMatches} = expect;
  const pattern = bodyMatches === undefined ? undefined : compilePattern(bodyMatches, {lines: true});
  return new HttpProbe({requester, request, wanted, body: pattern, scrub});
}

export const source: ProbeSource = {
  name: 'http',
  summary: 'Latency, status, availability or a number from an HTTP endpoint.',
  parameters,
  opens: {
    anew: 'with `measure: up` a connection (and TLS session), for each redirect too; else only what the server has closed',
    kept: 'with `latency`, `status` and `number` the connections, for 4 s of idleness or as long as the server says',
  },
  open: (given, context) => open(given as Parameters, context),
};
