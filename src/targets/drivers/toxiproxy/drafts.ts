import {formatDuration} from '../../../quantities/duration.js';
import type {JsonObject} from '../../../quantities/json.js';
import {formatShare} from '../../../quantities/share.js';
import {formatSize} from '../../../quantities/size.js';
import {FiredrillError} from '../../../system/error.js';
import type {Change, Drafts, Flow, Op, ConnectionShare, TargetRef} from '../../contract.js';
import {proxyPath, type ToxicStream, type ToxiproxyClient} from './client.js';
import {VERSION, type WantedToxic} from './toxics.js';
import {quoteForShell} from '../shell-words.js';

interface ToxiproxyDraft {
  readonly type: string;
  readonly attributes: WantedToxic['attributes'];
  readonly flow: Flow;
  readonly summary: string;
}

/** Toxiproxy counts the rate in units of 1000 bytes per second. */
const RATE_UNIT = 1000;

/** What can be done to a proxy of a Toxiproxy server, in its own toxics. */
export function toxiproxyDrafts(client: ToxiproxyClient): Drafts['connection'] {
  const draft = async (target: TargetRef, wish: ToxiproxyDraft) =>
    Promise.resolve(draftToxics(client.control, target, wish));
  return {
    latency: (target, {delayMs, jitterMs, ...flow}) =>
      draft(target, {
        type: 'latency',
        attributes: {latency: Math.ceil(delayMs), jitter: Math.ceil(jitterMs)},
        flow,
        summary: `delay by ${formatDuration(delayMs)}` + (jitterMs === 0 ? '' : ` ± ${formatDuration(jitterMs)}`),
      }),
    bandwidth: async (target, {bytesPerSecond, ...flow}) => {
      const rate = Math.round(bytesPerSecond / RATE_UNIT);
      if (rate < 1)
        throw cannot(target, 'limit to less than 1kB/s', 'Toxiproxy counts in whole kB/s: write at least `1kB/s`.');
      return draft(target, {type: 'bandwidth', attributes: {rate}, flow, summary: `limit to ${rate}kB/s`});
    },
    down: target => draftDown(client, target),
    ...ending(draft),
    slowClose: (target, {delayMs, ...flow}) =>
      draft(target, {
        type: 'slow_close',
        attributes: {delay: Math.ceil(delayMs)},
        flow,
        summary: `delay the close by ${formatDuration(delayMs)}`,
      }),
    slicer: (target, {averageBytes, variationBytes, delayMs, ...flow}) =>
      draft(target, {
        type: 'slicer',
        attributes: {average_size: averageBytes, size_variation: variationBytes, delay: Math.round(delayMs * 1000)},
        flow,
        summary: `cut into slices of ${formatSize(averageBytes)}`,
      }),
  };
}

type Ending = Pick<Drafts['connection'], 'reset' | 'loss' | 'timeout' | 'limitData'>;

/** Those that end connections, or let nothing through. */
function ending(draft: (target: TargetRef, wish: ToxiproxyDraft) => Promise<Change>): Ending {
  const on = (stream: ToxicStream, part: ConnectionShare): Flow => ({...part, direction: stream});
  return {
    reset: (target, part) =>
      draft(target, {
        type: 'reset_peer',
        attributes: {timeout: 0},
        flow: on('downstream', part),
        summary: 'end connections; Toxiproxy sends an RST on new ones only, existing ones get a FIN',
      }),
    loss: (target, part) =>
      draft(target, {
        type: 'timeout',
        attributes: {timeout: 0},
        flow: on('upstream', part),
        summary: 'swallow all that is sent; Toxiproxy closes these connections at the end',
      }),
    timeout: (target, {afterMs, ...flow}) =>
      draft(target, {
        type: 'timeout',
        attributes: {timeout: Math.ceil(afterMs ?? 0)},
        flow,
        summary: 'swallow all data' + (afterMs === undefined ? '' : ` and close after ${formatDuration(afterMs)}`),
      }),
    limitData: (target, {bytes, ...flow}) =>
      draft(target, {type: 'limit_data', attributes: {bytes}, flow, summary: `close after ${formatSize(bytes)}`}),
  };
}

function cannot(target: TargetRef, what: string, hint: string): FiredrillError {
  return new FiredrillError('CAPABILITY_MISSING', `Toxiproxy cannot ${what} on \`${target.name}\`.`, {hint});
}

function draftToxics(url: string, target: TargetRef, {type, attributes, flow, summary}: ToxiproxyDraft): Change {
  const {direction, share, seed} = flow;
  if (seed !== undefined)
    throw cannot(target, 'honour a seed', 'Leave `seed` out, or put a `firedrill proxy` into the connection.');
  if (direction === 'both' && share < 1)
    throw cannot(target, 'hit one share in both directions: it draws each by itself', 'Choose one `direction`.');
  const streams: readonly ToxicStream[] = direction === 'both' ? ['upstream', 'downstream'] : [direction];
  const toxics = streams.map((stream): WantedToxic => ({type, stream, toxicity: share, attributes}));
  const op = operation(target, {toxics: toxics as unknown as JsonObject[]});
  const names = toxics.map(({stream}) => `firedrill-RUN-${type}-${stream}`);
  const some = share === 1 ? '' : `, each connection with a probability of ${formatShare(share)}`;
  return {
    target,
    summary: `${target.name}: ${summary}${some} (${names.map(name => `toxic \`${name}\``).join(' and ')} in Toxiproxy)`,
    flip: op('toxics.add'),
    proof: op('toxics.match'),
    undo: {
      ...op('toxics.remove'),
      lifetime: 'incarnation',
      proof: op('toxics.present'),
      manual: names
        .map(name => `curl -X DELETE ${quoteForShell(`${url}${proxyPath(target)}/toxics/${name}`)}`)
        .join(' && '),
    },
    claims: streams.map(stream => `toxic:${type}:${stream}`),
    touches: ['toxics'],
    keeper: 'guardian',
  };
}

/** A proxy that is disabled already would be enabled by our undo: refused. */
async function draftDown(client: ToxiproxyClient, target: TargetRef): Promise<Change> {
  const proxy = await client.proxy(target);
  const op = operation(target, {});
  if (proxy?.enabled === false) {
    throw new FiredrillError('TARGET_UNSUITABLE', `The proxy \`${target.name}\` is disabled already.`, {
      hint: `Enable it first: ${enableByHand(client.control, target)}`,
    });
  }
  return {
    target,
    summary: `${target.name}: stop listening and cut existing connections (\`enabled: false\` in Toxiproxy)`,
    flip: op('proxy.disable'),
    proof: op('proxy.disabled'),
    undo: {
      ...op('proxy.enable'),
      lifetime: 'incarnation',
      proof: op('proxy.disabled'),
      manual: enableByHand(client.control, target),
    },
    claims: ['enabled'],
    touches: ['enabled'],
    keeper: 'guardian',
  };
}

function enableByHand(url: string, target: TargetRef): string {
  return `curl -X POST -d '{"enabled":true}' ${quoteForShell(`${url}${proxyPath(target)}`)}`;
}

const operation =
  (ref: TargetRef, args: JsonObject) =>
  (name: string): Op => ({op: name, v: VERSION, ref, args});
