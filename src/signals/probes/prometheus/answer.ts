import * as z from 'zod';
import {shownLabels} from '../../../quantities/prometheus/series.js';
import type {Reading} from '../../contract.js';
import {noValue, type Reason} from '../../missing.js';

/** What an instant query answers, and what a number can be made of. Pure. */

const point = () => z.tuple([z.number(), z.string()]);
const answerSchema = () =>
  z.discriminatedUnion('status', [
    z.object({
      status: z.literal('success'),
      data: z.discriminatedUnion('resultType', [
        z.object({resultType: z.literal('scalar'), result: point()}),
        z.object({
          resultType: z.literal('vector'),
          result: z.array(z.object({metric: z.record(z.string(), z.string()), value: point().optional()})),
        }),
        z.object({resultType: z.literal('matrix')}),
        z.object({resultType: z.literal('string')}),
      ]),
    }),
    z.object({status: z.literal('error'), errorType: z.string(), error: z.string()}),
  ]);

type QueryResponse = z.output<ReturnType<typeof answerSchema>>;
type Vector = readonly {
  readonly metric: Readonly<Record<string, string>>;
  readonly value?: [number, string] | undefined;
}[];

/** A value that was evaluated longer ago than this (s) comes from a cache or a server that stands still. */
const STALE_AFTER = 60;

const missing = (why: string, reason: Reason = 'question'): readonly Reading[] => [noValue(reason, why)];

function numberAt([at, text]: readonly [number, string], nowSeconds: number): Reading {
  const age = nowSeconds - at;
  if (age > STALE_AFTER) return noValue('between', `the answer is ${Math.round(age)}s old`);
  const value = text.trim() === '' ? NaN : Number(text);
  return Number.isFinite(value) ? {value} : noValue('silent', `Prometheus answers \`${text}\``);
}

function vectorReadings(series: Vector, subject: string | undefined, nowSeconds: number): readonly Reading[] {
  if (series.length === 0) return missing('the query answers with no series', 'silent');
  if (series.some(({value}) => value === undefined))
    return missing('native histograms are no numbers; use histogram_quantile');
  const read = (of: Vector[number]): Reading => numberAt(of.value ?? [0, ''], nowSeconds);
  if (subject === undefined) {
    const [first] = series;
    if (first !== undefined && series.length === 1) return [read(first)];
    const examples = series.slice(0, 2).map(({metric}) => shownLabels(metric));
    return missing(
      `expected one series; got ${series.length} (${examples.join(', ')}…): aggregate them (sum, max) or name the label that tells them apart as \`subject\``,
    );
  }
  const named = series.map(of => ({...read(of), subject: of.metric[subject] ?? ''}));
  if (named.some(reading => reading.subject === ''))
    return missing(`a series of the answer has no label \`${subject}\``);
  if (new Set(named.map(reading => reading.subject)).size < named.length)
    return missing(`several series share a value of \`${subject}\`: aggregate them by (${subject})`);
  return named;
}

/** The readings in the body of an answer. `nowSeconds` is the server's own clock, or ours where it does not tell. */
export function readingsOf(body: string, subject: string | undefined, nowSeconds: number): readonly Reading[] {
  let answer: QueryResponse | undefined;
  try {
    answer = answerSchema().safeParse(JSON.parse(body)).data;
  } catch {
    answer = undefined;
  }
  if (answer === undefined) return missing('expected the answer of a Prometheus API; got something else', 'between');
  if (answer.status === 'error') return missing(`Prometheus refuses the query (${answer.errorType}): ${answer.error}`);
  const {data} = answer;
  switch (data.resultType) {
    case 'scalar':
      return [numberAt(data.result, nowSeconds)];
    case 'vector':
      return vectorReadings(data.result, subject, nowSeconds);
    default:
      return missing(`expected a scalar or an instant vector; the query answers with a ${data.resultType}`);
  }
}
