import {createHash} from 'node:crypto';
import {formatDuration} from '../../../quantities/duration.js';
import type {Json, JsonObject} from '../../../quantities/json.js';
import {formatShare} from '../../../quantities/share.js';
import {formatBandwidth, formatSize} from '../../../quantities/size.js';
import type {Change, Drafts, Flow, Op, ConnectionShare, TargetRef} from '../../contract.js';
import {describeMatch, describeTreatment, type HttpWish} from '../../http.js';
import {quoteForShell} from '../shell-words.js';

/** Version of the operations' arguments. */
export const VERSION = 1;

/** The toxic outlives the fault by this much: an undo is to end it, the time to live only stands in for one. */
const UNDO_GRACE_MS = 30_000;

interface ToxicDraft {
  readonly type:
    'latency' | 'bandwidth' | 'down' | 'reset' | 'loss' | 'timeout' | 'slow-close' | 'slicer' | 'limit-data';
  readonly attributes: JsonObject;
  readonly flow: Flow;
  readonly summary: string;
}

/** Whole connections rather than what flows in a direction. */
const whole = (part: ConnectionShare): Flow => ({...part, direction: 'both'});

/** Where the control API is and what lets one in, for the manual command. */
interface ControlPlace {
  readonly control: string;
  readonly tokenFile: string;
}

/** What can be done to a proxied connection. */
export function connectionDrafts(at: ControlPlace): Drafts['connection'] {
  const draft = (target: TargetRef, wish: ToxicDraft) => Promise.resolve(draftToxic(at, target, wish));
  return {
    latency: (target, {delayMs, jitterMs, ...flow}) =>
      draft(target, {
        type: 'latency',
        attributes: {delayMs, jitterMs},
        flow,
        summary:
          `delay ${passing(flow)} by ${formatDuration(delayMs)}` +
          (jitterMs === 0 ? '' : ` ± ${formatDuration(jitterMs)}`),
      }),
    bandwidth: (target, {bytesPerSecond, ...flow}) =>
      draft(target, {
        type: 'bandwidth',
        attributes: {bytesPerSecond},
        flow,
        summary: `limit ${passing(flow)} to ${formatBandwidth(bytesPerSecond)}`,
      }),
    ...cutting(draft),
    slowClose: (target, {delayMs, ...flow}) =>
      draft(target, {
        type: 'slow-close',
        attributes: {delayMs},
        flow,
        summary: `hold the end (FIN) of ${passing(flow)} back for ${formatDuration(delayMs)}`,
      }),
    slicer: (target, {averageBytes, variationBytes, delayMs, ...flow}) =>
      draft(target, {
        type: 'slicer',
        attributes: {averageBytes, variationBytes, delayMs},
        flow,
        summary:
          `cut ${passing(flow)} into slices of ${formatSize(averageBytes)}` +
          (variationBytes === 0 ? '' : ` ± ${formatSize(variationBytes)}`) +
          (delayMs === 0 ? '' : `, ${formatDuration(delayMs)} apart`),
      }),
  };
}

type Cutting = Pick<Drafts['connection'], 'down' | 'reset' | 'loss' | 'timeout' | 'limitData'>;

/** Those that end connections, or let nothing through. */
function cutting(draft: (target: TargetRef, wish: ToxicDraft) => Promise<Change>): Cutting {
  return {
    down: (target, {ttlMs}) =>
      draft(target, {
        type: 'down',
        attributes: {},
        flow: whole({share: 1, ttlMs}),
        summary: 'cut existing connections and refuse new ones',
      }),
    reset: (target, part) =>
      draft(target, {
        type: 'reset',
        attributes: {},
        flow: whole(part),
        summary: 'reset (RST) existing and new connections',
      }),
    loss: (target, part) =>
      draft(target, {
        type: 'loss',
        attributes: {},
        flow: whole(part),
        summary: 'stall existing connections and answer nothing on new ones',
      }),
    timeout: (target, {afterMs, ...flow}) =>
      draft(target, {
        type: 'timeout',
        attributes: {afterMs: afterMs ?? null},
        flow,
        summary:
          `swallow ${passing(flow)}` +
          (afterMs === undefined ? '' : ` and close the connection after ${formatDuration(afterMs)}`),
      }),
    limitData: (target, {bytes, ...flow}) =>
      draft(target, {
        type: 'limit-data',
        attributes: {bytes},
        flow,
        summary: `close each connection after ${formatSize(bytes)} of ${passing(flow)}`,
      }),
  };
}

function passing({direction}: Flow): string {
  return direction === 'both' ? 'both directions' : direction === 'upstream' ? 'what is sent' : 'what is answered';
}

function some({share}: Flow): string {
  return share === 1 ? '' : `, ${formatShare(share)} of the connections`;
}

/** What a toxic is, and what the plan says about it. */
interface Toxic {
  readonly id: string;
  readonly type: string;
  readonly attributes: JsonObject;
  readonly flow: Flow;
  readonly summary: string;
  readonly claims: readonly string[];
  readonly touches: readonly string[];
}

function draftToxic(at: ControlPlace, target: TargetRef, wish: ToxicDraft): Change {
  const {type, attributes, flow, summary} = wish;
  const {direction} = flow;
  const entire = ['down', 'reset', 'loss'].includes(type);
  const directions = entire ? [''] : direction === 'both' ? [':upstream', ':downstream'] : [`:${direction}`];
  return toxicChange(at, target, {
    id: entire ? type : `${type}-${direction}`,
    type,
    attributes,
    flow,
    summary: `${summary}${some(flow)}`,
    claims: directions.map(one => `toxic:${type}${one}`),
    touches: type === 'down' ? ['enabled', 'toxics'] : ['toxics'],
  });
}

/** HTTP requests on a proxied connection. Several may be treated at once: each fault is a toxic of its own. */
export function httpDrafts(at: ControlPlace): Drafts['http'] {
  return {treat: (target, wish) => Promise.resolve(draftHttp(at, target, wish))};
}

function draftHttp(at: ControlPlace, target: TargetRef, {treatment, match, share, seed, forMs}: HttpWish): Change {
  const {type, ...rest} = treatment;
  const attributes = throughJson({...rest, match});
  const id = `${type}-${digest([attributes, share]).subarray(0, 3).toString('hex')}`;
  const part = share === 1 ? '' : `, ${formatShare(share)} of them`;
  return toxicChange(at, target, {
    id,
    type,
    attributes,
    flow: {direction: 'both', share, seed, ttlMs: forMs},
    summary: `${describeTreatment(treatment, describeMatch(match), formatDuration)}${part}`,
    claims: [`toxic:${id}`],
    touches: ['toxics'],
  });
}

/** Data without what JSON cannot say. */
function throughJson(value: object): JsonObject {
  return JSON.parse(JSON.stringify(value)) as JsonObject;
}

function toxicChange(at: ControlPlace, target: TargetRef, toxic: Toxic): Change {
  const {id, type, attributes, flow, summary, claims, touches} = toxic;
  const {direction, share} = flow;
  const op = (name: string, args: JsonObject): Op => ({op: name, v: VERSION, ref: target, args});
  const proof = op('toxic.read', {id});
  const ttlMs = flow.ttlMs + UNDO_GRACE_MS;
  // The same file gives the same draw, in every run: a plan can be compared with the run that follows it.
  const seed = flow.seed ?? digest([target.object, type, attributes, direction, share]).readUInt32BE(0);
  return {
    target,
    summary: `${target.name}: ${summary} (toxic \`${id}\` in the proxy)`,
    flip: op('toxic.add', {id, type, attributes, direction, share, seed, ttlMs}),
    proof,
    undo: {
      ...op('toxic.remove', {id}),
      lifetime: 'incarnation',
      // The proxy refuses a late toxic once its debt is struck off the mark, and strikes the two together.
      inFlightMs: 0,
      proof,
      manual: `curl -H ${quoteForShell(`@${at.tokenFile}`)} -X DELETE ${quoteForShell(`${at.control}/v1/connections/${target.object}/toxics/${id}`)}`,
    },
    claims,
    touches,
    keeper: 'target',
  };
}

function digest(what: readonly Json[]): Buffer {
  return createHash('sha256').update(JSON.stringify(what)).digest();
}
