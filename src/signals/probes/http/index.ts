import {formatStatusRanges, isStatusIn} from '../../../quantities/http.js';
import type {OpenProbe, ProbeContext, ProbeSource, Reading} from '../../contract.js';
import {isTimeUp} from '../../network/failure.js';
import {basicAuthorization, certificateCheck, revealedHeaders, revealedUrl} from '../../network/http-parts.js';
import {openRequester, type HttpAnswer, type HttpRequest, type HttpRequester} from '../../network/requester.js';
import {readJsonNumber, readNumber} from '../../number.js';
import {scrubber} from '../../scrub.js';
import {parameters, unitOf, worseOf, type Parameters} from './parameters.js';

type Answered = Extract<HttpAnswer, {status: number}>;

/** Why an answer is not the expected one; undefined when it is. */
function unexpected(answer: Answered, {status, bodyMatches}: Parameters['expect']): string | undefined {
  if (!isStatusIn(answer.status, status)) return `status ${answer.status} (expected ${formatStatusRanges(status)})`;
  if (bodyMatches !== undefined && !new RegExp(bodyMatches, 'mu').test(answer.body))
    return `the body does not match \`${bodyMatches}\``;
  return undefined;
}

function readingOf(answer: HttpAnswer, wanted: Parameters): Reading {
  if ('why' in answer) return wanted.measure === 'up' ? {value: 0} : {value: null, why: answer.why};
  if (wanted.measure === 'status') return {value: answer.status};
  const why = unexpected(answer, wanted.expect);
  if (wanted.measure === 'up') return {value: why === undefined ? 1 : 0};
  if (why !== undefined) return {value: null, why};
  if (wanted.measure === 'latency') return {value: answer.ms};
  return wanted.jsonPath === undefined ? readNumber(answer.body) : readJsonNumber(answer.body, wanted.jsonPath);
}

interface Parts {
  readonly requester: HttpRequester;
  readonly request: HttpRequest;
  readonly wanted: Parameters;
  readonly scrub: (text: string) => string;
}

class HttpProbe implements OpenProbe {
  constructor(private readonly parts: Parts) {}

  async read(signal: AbortSignal): Promise<readonly Reading[]> {
    const {requester, request, wanted, scrub} = this.parts;
    try {
      const answer = await requester.send(request, signal);
      return [readingOf('why' in answer ? answer : {...answer, body: scrub(answer.body)}, wanted)];
    } catch (error) {
      // No answer in time is an answer to the question whether it is up.
      if (wanted.measure === 'up' && isTimeUp(signal)) return [{value: 0}];
      throw error;
    }
  }

  close(): Promise<void> {
    this.parts.requester.close();
    return Promise.resolve();
  }
}

async function open(wanted: Parameters, {reveal}: ProbeContext): Promise<OpenProbe> {
  const {method, body, redirects} = wanted;
  const url = revealedUrl(wanted.url, reveal);
  const headers = {...basicAuthorization(url), ...revealedHeaders(wanted.headers, reveal)};
  url.username = '';
  url.password = '';
  const requester = await openRequester(await certificateCheck(wanted.tls));
  const request = {method, url, headers, redirects, body: body === undefined ? undefined : reveal(body)};
  const scrub = scrubber([wanted.url, ...Object.values(wanted.headers), body ?? ''], reveal);
  return new HttpProbe({requester, request, wanted, scrub});
}

export const source: ProbeSource = {
  name: 'http',
  summary: 'Latency, status, availability or a number from an HTTP endpoint.',
  parameters,
  unit: unitOf,
  worse: worseOf,
  open: (given, context) => open(given as Parameters, context),
};
