import {createHash} from 'node:crypto';
import type {DnsFault} from '../../../../../quantities/dns.js';
import {formatDuration} from '../../../../../quantities/duration.js';
import type {JsonObject} from '../../../../../quantities/json.js';
import {formatShare} from '../../../../../quantities/share.js';
import type {Change, Drafts, TargetRef} from '../../../../contract.js';
import type {DnsWish} from '../../../../dns.js';
import type {Engine} from '../../engine/engine.js';
import {demandInterposer, interposerChange} from './draft.js';
import {runningContainer} from '../drafting.js';
import {demandOwnNetwork, sharersOf} from '../shared-network.js';

const FAULT = 'dns-failure';

/** The same target and parameters always draw the same. */
function seedOf({object}: TargetRef, wish: DnsFault & {resolvers: readonly string[]}): number {
  return createHash('sha256')
    .update(JSON.stringify([object, wish]))
    .digest()
    .readUInt32BE(0);
}

function summaryOf({answer, delayMs, names, types, share}: DnsFault): string {
  const what = types.length === 0 ? 'DNS questions' : `DNS questions for ${types.join(', ')}`;
  const whose = names.length === 0 ? '' : ` about ${names.join(', ')}`;
  const part = share === 1 ? what : `${formatShare(share)} of the ${what}`;
  const late = delayMs === 0 ? '' : ` after ${formatDuration(delayMs)}`;
  if (answer === undefined) return `${part}${whose} are answered${late}`;
  if (answer === 'timeout') return `${part}${whose} are not answered`;
  const said = typeof answer === 'string' ? answer.toUpperCase() : answer.address.join(', ');
  return `${part}${whose} are answered with ${said}${late}`;
}

async function fail(engine: Engine, stateDir: string, target: TargetRef, {forMs, ...wish}: DnsWish): Promise<Change> {
  const view = await runningContainer(engine, target);
  demandOwnNetwork(view, target, 'redirect the questions of');
  demandInterposer(engine, view, FAULT);
  const answer = wish.answer === undefined ? {} : {answer: wish.answer};
  const fault = {...wish, ...answer, seed: wish.seed ?? seedOf(target, {...wish, seed: 0})};
  // As data: what is undefined is left out.
  const options = JSON.parse(JSON.stringify(fault)) as JsonObject;
  const summary = `${summaryOf(fault)} (iptables redirects port 53 to a name server beside it)`;
  return interposerChange(engine, view, stateDir, {
    fault: FAULT,
    mode: 'dns',
    options,
    forMs,
    summary,
    claims: ['dns'],
    sharing: await sharersOf(engine, view),
  });
}

/** DNS of a container: a name server in its network namespace to which its questions are redirected. */
export function dnsDrafts(engine: Engine, stateDir: string): Drafts['dns'] {
  return {fail: (target, wish) => fail(engine, stateDir, target, wish)};
}
