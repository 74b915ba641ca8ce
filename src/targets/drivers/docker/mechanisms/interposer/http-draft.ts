import {createHash} from 'node:crypto';
import {formatDuration} from '../../../../../quantities/duration.js';
import type {JsonObject} from '../../../../../quantities/json.js';
import {formatShare} from '../../../../../quantities/share.js';
import type {Change, Drafts, TargetRef} from '../../../../contract.js';
import {describeMatch, describeTreatment, type HttpWish, type RequestPlace} from '../../../../http.js';
import type {ContainerView} from '../../engine/container.js';
import type {Engine} from '../../engine/engine.js';
import {hostPid} from '../../engine/host-pid.js';
import {demandInterposer, interposerChange} from './draft.js';
import {portsListenedOn} from '../../engine/listening.js';
import {runningContainer, unsuitable} from '../drafting.js';
import {demandOwnNetwork, sharersOf} from '../shared-network.js';

/** Ports whose traffic is TLS by convention. */
const TLS_PORTS = [443, 8443];

/** Where an interposer meets the requests, as its mode takes it, and in words. */
interface Meeting {
  readonly at: JsonObject;
  readonly words: string;
  readonly claim: string;
}

function refuseTls(target: TargetRef, port: number): void {
  if (!TLS_PORTS.includes(port)) return;
  throw unsuitable(
    target,
    `speaks TLS on port ${port}: nobody in between can see or change its requests`,
    `Use \`network-latency\`, \`network-loss\` or \`network-partition\` with \`remotePort: ${port}\`, \`dns-failure\` for the host, or let it speak plain HTTP to a \`firedrill proxy\`.`,
  );
}

/** The port the container serves on, where the file does not say. */
function onlyPort(engine: Engine, target: TargetRef, view: ContainerView): number {
  const found = hostPid(engine, view);
  const ports = 'pid' in found ? portsListenedOn(found.pid) : [];
  const [only] = ports;
  if (ports.length === 1 && only !== undefined) return only;
  const seen = ports.length === 0 ? 'none' : ports.join(', ');
  throw unsuitable(target, `is expected to listen on one TCP port; it listens on ${seen}`, 'Say which by `port:`.');
}

function meetingOf(engine: Engine, target: TargetRef, view: ContainerView, place: RequestPlace | undefined): Meeting {
  if (place?.to !== undefined) {
    const {host, port} = place.to;
    refuseTls(target, port);
    return {at: {host, port}, words: `sent to ${host}:${port}`, claim: `interposer:output:tcp:${host}:${port}`};
  }
  const port = place?.port ?? onlyPort(engine, target, view);
  refuseTls(target, port);
  return {at: {port}, words: `received on port ${port}`, claim: `interposer:input:tcp:${port}`};
}

async function treat(engine: Engine, stateDir: string, target: TargetRef, wish: HttpWish): Promise<Change> {
  const view = await runningContainer(engine, target);
  const {treatment, match, share, seed, forMs, place} = wish;
  const {type, ...rest} = treatment;
  demandOwnNetwork(view, target, 'redirect the connections of');
  demandInterposer(engine, view, type);
  const {at, words, claim} = meetingOf(engine, target, view, place);
  // Through JSON: data without what JSON cannot say.
  const attributes = JSON.parse(JSON.stringify({...rest, match})) as JsonObject;
  const chosen = seed ?? seedOf([view.name, type, attributes, at, share]);
  const part = share === 1 ? '' : `, ${formatShare(share)} of them`;
  return interposerChange(engine, view, stateDir, {
    fault: type,
    mode: 'http',
    options: {toxic: {type, attributes, share, seed: chosen}, at, existing: place?.existing ?? 'reset'},
    forMs,
    summary: `${describeTreatment(treatment, describeMatch(match), formatDuration)} ${words}${part} (interposer behind an iptables redirect)`,
    claims: [claim],
    sharing: await sharersOf(engine, view),
  });
}

/** The same file gives the same draw, in every run: a plan can be compared with the run that follows it. */
function seedOf(what: readonly unknown[]): number {
  return createHash('sha256').update(JSON.stringify(what)).digest().readUInt32BE(0);
}

/** HTTP requests of containers; what an interposer needs and where it is refused stands in draft.ts. */
export function httpDrafts(engine: Engine, stateDir: string): Drafts['http'] {
  return {treat: (target, wish) => treat(engine, stateDir, target, wish)};
}
