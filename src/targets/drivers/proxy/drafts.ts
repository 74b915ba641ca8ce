import {createHash} from 'node:crypto';
import {formatDuration} from '../../../quantities/duration.js';
import type {JsonObject} from '../../../quantities/json.js';
import {formatShare} from '../../../quantities/share.js';
import {formatBandwidth} from '../../../quantities/size.js';
import type {Change, Direction, Drafts, Op, TargetRef} from '../../contract.js';

/** Version of the operations' arguments. */
export const VERSION = 1;

/** The toxic outlives the fault by this much: an undo is to end it, the time to live only stands in for one. */
const UNDO_GRACE_MS = 30_000;

interface Wish {
  readonly type: 'latency' | 'bandwidth' | 'down' | 'reset';
  readonly attributes: JsonObject;
  readonly direction: Direction;
  readonly share: number;
  readonly ttlMs: number;
  readonly summary: string;
}

/** What can be done to a proxied connection. Pure: the control address is only needed for the manual command. */
export function connectionDrafts(control: string): Drafts['connection'] {
  const draft = (target: TargetRef, wish: Wish) => Promise.resolve(draftToxic(control, target, wish));
  return {
    latency: (target, {delayMs, jitterMs, direction, share, ttlMs}) =>
      draft(target, {
        type: 'latency',
        attributes: {delayMs, jitterMs},
        direction,
        share,
        ttlMs,
        summary:
          `delay ${flow(direction)} by ${formatDuration(delayMs)}` +
          (jitterMs === 0 ? '' : ` ± ${formatDuration(jitterMs)}`) +
          some(share),
      }),
    bandwidth: (target, {bytesPerSecond, direction, share, ttlMs}) =>
      draft(target, {
        type: 'bandwidth',
        attributes: {bytesPerSecond},
        direction,
        share,
        ttlMs,
        summary: `limit ${flow(direction)} to ${formatBandwidth(bytesPerSecond)}${some(share)}`,
      }),
    down: (target, {ttlMs}) =>
      draft(target, {
        type: 'down',
        attributes: {},
        direction: 'both',
        share: 1,
        ttlMs,
        summary: 'cut existing connections and refuse new ones',
      }),
    reset: (target, {share, ttlMs}) =>
      draft(target, {
        type: 'reset',
        attributes: {},
        direction: 'both',
        share,
        ttlMs,
        summary: `reset (RST) existing and new connections${some(share)}`,
      }),
  };
}

function flow(direction: Direction): string {
  return direction === 'both' ? 'both directions' : direction === 'upstream' ? 'what is sent' : 'what is answered';
}

function some(share: number): string {
  return share === 1 ? '' : `, ${formatShare(share)} of the connections`;
}

function draftToxic(control: string, target: TargetRef, wish: Wish): Change {
  const {type, attributes, direction, share} = wish;
  const strikes = type === 'down' || type === 'reset';
  const id = strikes ? type : `${type}-${direction}`;
  const op = (name: string, args: JsonObject): Op => ({op: name, v: VERSION, ref: target, args});
  const proof = op('toxic.read', {id});
  const ttlMs = wish.ttlMs + UNDO_GRACE_MS;
  const directions = strikes ? [''] : direction === 'both' ? [':upstream', ':downstream'] : [`:${direction}`];
  return {
    target,
    summary: `${target.name}: ${wish.summary} (toxic \`${id}\` in the proxy)`,
    flip: op('toxic.add', {id, type, attributes, direction, share, seed: seedOf(target, wish), ttlMs}),
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
function seedOf(target: TargetRef, {type, attributes, direction, share}: Wish): number {
  const text = JSON.stringify([target.object, type, attributes, direction, share]);
  return createHash('sha256').update(text).digest().readUInt32BE(0);
}
