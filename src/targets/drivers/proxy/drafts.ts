import {createHash} from 'node:crypto';
import {formatDuration} from '../../../quantities/duration.js';
import type {JsonObject} from '../../../quantities/json.js';
import {formatShare} from '../../../quantities/share.js';
import {formatBandwidth, formatSize} from '../../../quantities/size.js';
import type {Change, Drafts, Flow, Op, Part, TargetRef} from '../../contract.js';

/** Version of the operations' arguments. */
export const VERSION = 1;

/** The toxic outlives the fault by this much: an undo is to end it, the time to live only stands in for one. */
const UNDO_GRACE_MS = 30_000;

interface Wish {
  readonly type:
    'latency' | 'bandwidth' | 'down' | 'reset' | 'loss' | 'timeout' | 'slow-close' | 'slicer' | 'limit-data';
  readonly attributes: JsonObject;
  readonly flow: Flow;
  readonly summary: string;
}

/** Whole connections rather than what flows in a direction. */
const whole = (part: Part): Flow => ({...part, direction: 'both'});

/** What can be done to a proxied connection. Pure: the control address is only needed for the manual command. */
export function connectionDrafts(control: string): Drafts['connection'] {
  const draft = (target: TargetRef, wish: Wish) => Promise.resolve(draftToxic(control, target, wish));
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
function cutting(draft: (target: TargetRef, wish: Wish) => Promise<Change>): Cutting {
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

function draftToxic(control: string, target: TargetRef, wish: Wish): Change {
  const {type, attributes, flow} = wish;
  const {direction, share} = flow;
  const entire = ['down', 'reset', 'loss'].includes(type);
  const id = entire ? type : `${type}-${direction}`;
  const op = (name: string, args: JsonObject): Op => ({op: name, v: VERSION, ref: target, args});
  const proof = op('toxic.read', {id});
  const ttlMs = flow.ttlMs + UNDO_GRACE_MS;
  const directions = entire ? [''] : direction === 'both' ? [':upstream', ':downstream'] : [`:${direction}`];
  return {
    target,
    summary: `${target.name}: ${wish.summary}${some(flow)} (toxic \`${id}\` in the proxy)`,
    flip: op('toxic.add', {id, type, attributes, direction, share, seed: flow.seed ?? seedOf(target, wish), ttlMs}),
    proof,
    undo: {
      ...op('toxic.remove', {id}),
      lifetime: 'incarnation',
      // The proxy refuses a late toxic once its debt is struck off the mark, and strikes the two together.
      inFlightMs: 0,
      proof,
      manual: `curl -X DELETE ${control}/v1/connections/${target.object}/toxics/${id}`,
    },
    claims: directions.map(one => `toxic:${type}${one}`),
    touches: type === 'down' ? ['enabled', 'toxics'] : ['toxics'],
    keeper: 'target',
  };
}

/** The same file gives the same draw, in every run: a plan can be compared with the run that follows it. */
function seedOf(target: TargetRef, {type, attributes, flow: {direction, share}}: Wish): number {
  const text = JSON.stringify([target.object, type, attributes, direction, share]);
  return createHash('sha256').update(text).digest().readUInt32BE(0);
}
