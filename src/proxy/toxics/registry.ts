import type * as z from 'zod';
import type {JsonObject} from '../../quantities/json.js';
import {bandwidth} from './bandwidth.js';
import {down} from './down.js';
import {httpAbort, httpBody, httpLatency, httpStatus} from './http.js';
import {latency} from './latency.js';
import {limitData} from './limit-data.js';
import {loss} from './loss.js';
import {reset} from './reset.js';
import {slicer} from './slicer.js';
import {slowClose} from './slow-close.js';
import {timeout} from './timeout.js';
import type {BoundToxic, ToxicKind} from './toxic.js';

type Bind = (attributes: JsonObject) => BoundToxic | z.ZodError;

/** Forgets the type of a kind's attributes: they are checked here, once. */
function binder<P>(kind: ToxicKind<P>): readonly [string, Bind] {
  const {stage, strike, http} = kind;
  return [
    kind.type,
    given => {
      const checked = kind.attributes().safeParse(given);
      if (!checked.success) return checked.error;
      return {
        type: kind.type,
        counts: kind.counts,
        ...(stage === undefined ? {} : {stage: context => stage(checked.data, context)}),
        ...(strike === undefined ? {} : {strike: victim => strike(checked.data, victim)}),
        ...(http === undefined ? {} : {http: http(checked.data)}),
      };
    },
  ];
}

const KINDS: ReadonlyMap<string, Bind> = new Map([
  binder(latency),
  binder(bandwidth),
  binder(down),
  binder(reset),
  binder(loss),
  binder(timeout),
  binder(slowClose),
  binder(slicer),
  binder(limitData),
  binder(httpLatency),
  binder(httpStatus),
  binder(httpAbort),
  binder(httpBody),
]);

/** The toxic, or what is wrong with the request, in words. */
export function bindToxic(type: string, attributes: JsonObject): BoundToxic | string {
  const bind = KINDS.get(type);
  if (bind === undefined) return `type: expected one of ${[...KINDS.keys()].join(', ')}; got \`${type}\``;
  const bound = bind(attributes);
  return 'issues' in bound ? describeIssues(bound, ['attributes']) : bound;
}

/** One sentence for all that a schema found: `attributes.delayMs: …; share: …`. */
export function describeIssues(error: z.ZodError, at: readonly string[] = []): string {
  return error.issues.map(issue => `${[...at, ...issue.path].join('.') || 'body'}: ${issue.message}`).join('; ');
}
