import type {JsonObject} from '../../../quantities/json.js';
import {FiredrillError} from '../../../system/error.js';
import type {Ambient, Candidate, Debt, Drafts, Op, Proof, Reader, TargetRef, UnreadableMark} from '../../contract.js';
import {resolveCandidates} from './candidates.js';
import type {Cluster} from './api/cluster.js';
import {draftDelete} from './mechanisms/delete/draft.js';
import {draftScale} from './mechanisms/scale/draft.js';
import {parseObject} from './api/identity.js';
import {readDebts} from './marks/marks.js';
import {findPod, podAt, podFacets} from './api/pods.js';
import {readProof} from './prove.js';
import {missingRights} from './api/rights.js';
import {isStopRequested} from './marks/stops.js';
import {findSame} from './api/workloads.js';

/** Asks the API server and changes nothing in it. */
export class KubernetesReader implements Reader {
  readonly drafts: Partial<Drafts>;

  constructor(
    private readonly cluster: Cluster,
    readonly endpoint: string,
    private readonly ambient: Ambient,
  ) {
    this.drafts = {
      workload: {
        delete: (target, {graceSeconds}) => draftDelete(cluster, target, graceSeconds),
        scale: (target, {replicas}) => draftScale(cluster, target, replicas),
      },
    };
  }

  resolve(selector: JsonObject, signal: AbortSignal): Promise<readonly Candidate[]> {
    return resolveCandidates(this.cluster, this.endpoint, selector, {ambient: this.ambient, signal});
  }

  ask(ref: TargetRef): Promise<string> {
    return Promise.reject(
      new FiredrillError('NOT_BUILT_YET', `\`where\` cannot run a command in \`${ref.name}\` yet: not on Kubernetes`, {
        hint: 'narrow the targets down with `labels` or `name`',
      }),
    );
  }

  prove(proofs: readonly Op[], signal: AbortSignal): Promise<readonly Proof[]> {
    return Promise.all(proofs.map(op => readProof(this.cluster, this.endpoint, op, signal)));
  }

  async facets(refs: readonly TargetRef[], signal: AbortSignal): Promise<Readonly<Record<string, JsonObject>>> {
    const read = await Promise.all(refs.map(async ref => [ref.object, await this.facetsOf(ref, signal)] as const));
    return Object.fromEntries(read.filter((entry): entry is [string, JsonObject] => entry[1] !== undefined));
  }

  /** Of the workload, for its pods too: a replaced pod is no difference. */
  private async facetsOf(ref: TargetRef, signal: AbortSignal): Promise<JsonObject | undefined> {
    const identity = parseObject(ref.object);
    if (identity === undefined) return undefined;
    const at = identity.self.kind === 'pod' ? identity.owner : identity.self;
    if (at !== undefined) return (await findSame(this.cluster, at, signal))?.facets;
    const pod = await findPod(this.cluster, identity.self, signal);
    return pod === undefined || podAt(pod).uid !== identity.self.uid ? undefined : podFacets(pod);
  }

  async debts(run: string | undefined, signal: AbortSignal): Promise<readonly Debt[]> {
    return (await readDebts(this.cluster, this.endpoint, run, signal)).debts;
  }

  async unreadable(signal: AbortSignal): Promise<readonly UnreadableMark[]> {
    return (await readDebts(this.cluster, this.endpoint, undefined, signal)).unreadable;
  }

  stopRequested(run: string, signal: AbortSignal): Promise<boolean> {
    return isStopRequested(this.cluster, run, signal);
  }

  problems(signal: AbortSignal): Promise<readonly string[]> {
    return missingRights(this.cluster, signal);
  }

  close(): Promise<void> {
    this.cluster.close();
    return Promise.resolve();
  }
}
