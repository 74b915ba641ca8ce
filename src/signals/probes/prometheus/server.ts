import * as z from 'zod';
import type {RawSeries} from '../../../quantities/prometheus/series.js';
import type {HttpRequester} from '../../network/requester.js';

/** An answer, or why there is none. */
export type PrometheusAnswer<T> = T | {readonly why: string};

const number = () => z.tuple([z.number(), z.string()]);
const matrixSchema = () =>
  z.object({
    status: z.literal('success'),
    data: z.object({
      resultType: z.literal('matrix'),
      result: z.array(
        z.object({
          metric: z.record(z.string(), z.string()),
          values: z.array(number()).optional(),
        }),
      ),
    }),
  });
const scalarSchema = () =>
  z.object({status: z.literal('success'), data: z.object({resultType: z.literal('scalar'), result: number()})});
const errorSchema = () => z.object({status: z.literal('error'), errorType: z.string(), error: z.string()});

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

/** The API of one Prometheus server. Answers never throw for the server's sake; a signal's reason is thrown. */
export class PrometheusServer {
  constructor(
    private readonly requester: HttpRequester,
    /** Address of the API, with its slash at the end. */
    private readonly api: URL,
    private readonly headers: Readonly<Record<string, string>>,
  ) {}

  /** The body of an answer of the API, also of one in which it refuses. */
  async ask(
    path: 'query' | 'query_range' | 'rules' | 'targets',
    parameters: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ): Promise<PrometheusAnswer<{readonly body: string; readonly date: string | undefined}>> {
    const url = new URL(path, this.api);
    for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
    const answer = await this.requester.send(
      {method: 'GET', url, headers: this.headers, redirects: 3, looksInside: true},
      signal,
    );
    if ('why' in answer) return {why: `Prometheus: ${answer.why}`};
    const {body} = answer;
    if (body === undefined) return {why: 'Prometheus: the body of the answer cannot be read'};
    // 400, 422 and 503 carry the API's own error; anything else that is no success comes from something in between.
    const ownError = answer.status >= 400 && body.startsWith('{');
    if (answer.status !== 200 && !ownError) return {why: `Prometheus: status ${answer.status}`};
    return {body, date: answer.date};
  }

  /** What the clock of the server says, ms. */
  async now(signal: AbortSignal): Promise<PrometheusAnswer<{readonly nowMs: number}>> {
    const answer = await this.ask('query', {query: 'time()'}, signal);
    if ('why' in answer) return answer;
    const scalar = scalarSchema().safeParse(parsed(answer.body)).data;
    return scalar === undefined ? {why: refusal(answer.body)} : {nowMs: Number(scalar.data.result[1]) * 1000};
  }

  /** The samples that are stored of the series in the time before a moment, as they are. */
  raw(
    selector: string,
    {fromMs, toMs}: {readonly fromMs: number; readonly toMs: number},
    signal: AbortSignal,
  ): Promise<PrometheusAnswer<readonly RawSeries[]>> {
    const query = `${selector}[${Math.max(1, Math.ceil(toMs - fromMs))}ms]`;
    return this.matrix('query', {query, time: seconds(toMs)}, signal);
  }

  /** What a query would have answered in the past, step by step. */
  range(
    query: string,
    {fromMs, toMs, stepMs}: {readonly fromMs: number; readonly toMs: number; readonly stepMs: number},
    signal: AbortSignal,
  ): Promise<PrometheusAnswer<readonly RawSeries[]>> {
    return this.matrix(
      'query_range',
      {query, start: seconds(fromMs), end: seconds(toMs), step: seconds(stepMs)},
      signal,
    );
  }

  /** An answer of the API as JSON, or why there is none. */
  async json(
    path: 'rules' | 'targets',
    parameters: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ): Promise<PrometheusAnswer<{readonly json: unknown}>> {
    const answer = await this.ask(path, parameters, signal);
    if ('why' in answer) return answer;
    const json = parsed(answer.body);
    return errorSchema().safeParse(json).success ? {why: refusal(answer.body)} : {json};
  }

  close(): Promise<void> {
    return this.requester.close();
  }

  private async matrix(
    path: 'query' | 'query_range',
    parameters: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ): Promise<PrometheusAnswer<readonly RawSeries[]>> {
    const answer = await this.ask(path, parameters, signal);
    if ('why' in answer) return answer;
    const matrix = matrixSchema().safeParse(parsed(answer.body)).data;
    if (matrix === undefined) return {why: refusal(answer.body)};
    const {result} = matrix.data;
    if (result.some(({values}) => values === undefined))
      return {why: 'native histograms are not read raw; use `query` with histogram_quantile'};
    return result.map(({metric, values = []}) => ({
      labels: metric,
      samples: values.map(([at, value]) => ({atMs: Math.round(at * 1000), value: numberOf(value)})),
    }));
  }
}

const seconds = (ms: number) => (ms / 1000).toFixed(3);

function numberOf(text: string): number {
  if (text === '+Inf') return Infinity;
  return text === '-Inf' ? -Infinity : Number(text.trim() === '' ? NaN : text);
}

/** What the body says about why it holds no answer. */
function refusal(body: string): string {
  const error = errorSchema().safeParse(parsed(body)).data;
  if (error === undefined) return 'expected the answer of a Prometheus API; got something else';
  return `Prometheus refuses the query (${error.errorType}): ${error.error}`;
}
