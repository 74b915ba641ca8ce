import type {JsonObject} from '../../../quantities/json.js';
import type {Drafts, Op, Reader, TargetRef} from '../../contract.js';
import {askContainer} from './engine/ask.js';
import {VERSION} from './mechanisms/index.js';
import {descriptorDrafts} from './mechanisms/descriptors/draft.js';
import {diskDrafts} from './mechanisms/disk/draft.js';
import {dnsDrafts} from './mechanisms/interposer/dns-draft.js';
import {httpDrafts} from './mechanisms/interposer/http-draft.js';
import {lifecycleDrafts} from './mechanisms/lifecycle/draft.js';
import {networkDrafts} from './mechanisms/network/draft.js';
import {partitionDrafts} from './mechanisms/partition/draft.js';
import {processDrafts} from './mechanisms/processes/draft.js';
import {resourceDrafts} from './mechanisms/resources/draft.js';
import {shapingDrafts} from './mechanisms/shaping/draft.js';
import {stressDrafts} from './mechanisms/stress/draft.js';
import type {Engine} from './engine/engine.js';
import {containerLog} from './engine/log.js';
import {readFacets} from './facets.js';
import {ofRun, readDebts, readWorld} from './marks/mark-volumes.js';
import {readProblems} from './problems.js';
import {proveAll} from './prove.js';
import {resolveContainers} from './select.js';
import {lookAround} from './surroundings.js';
import {undoForms} from './marks/undo-forms.js';

class DockerReader implements Reader {
  readonly drafts: Partial<Drafts>;

  constructor(
    private readonly engine: Engine,
    private readonly stateDir: string,
  ) {
    this.drafts = {
      lifecycle: lifecycleDrafts(engine),
      network: networkDrafts(engine),
      partition: partitionDrafts(engine),
      resources: resourceDrafts(engine),
      processes: processDrafts(engine),
      shaping: shapingDrafts(engine),
      stress: stressDrafts(engine),
      disk: diskDrafts(engine),
      descriptors: descriptorDrafts(engine),
      dns: dnsDrafts(engine, stateDir),
      http: httpDrafts(engine, stateDir),
    };
  }

  get endpoint(): string {
    return this.engine.id;
  }

  resolve(selector: JsonObject, signal: AbortSignal) {
    return resolveContainers(this.engine, selector, signal);
  }

  ask(ref: TargetRef, command: readonly string[], signal: AbortSignal) {
    return askContainer(this.engine, ref, command, signal);
  }

  log(ref: TargetRef) {
    return containerLog(this.engine, ref);
  }

  prove(proofs: readonly Op[], signal: AbortSignal) {
    return proveAll(this.engine, proofs, signal);
  }

  facets(refs: readonly TargetRef[], signal: AbortSignal) {
    return readFacets(this.engine, refs, signal);
  }

  around(refs: readonly TargetRef[], since: string | undefined, signal: AbortSignal) {
    return lookAround(this.engine, refs, since, signal);
  }

  async debts(run: string | undefined, signal: AbortSignal) {
    return (await this.read(run, signal)).debts;
  }

  async unreadable(signal: AbortSignal) {
    return (await this.read(undefined, signal)).unreadable;
  }

  private async read(run: string | undefined, signal: AbortSignal) {
    const rules = {
      driver: 'docker',
      version: VERSION,
      endpoint: this.endpoint,
      undos: undoForms(this.stateDir),
    } as const;
    return readDebts(await readWorld(this.engine, run, signal), rules);
  }

  async stopRequested(run: string, signal: AbortSignal): Promise<boolean> {
    return ofRun((await readWorld(this.engine, run, signal)).stops, run).length > 0;
  }

  problems(signal: AbortSignal) {
    return readProblems(this.engine, signal);
  }

  close(): Promise<void> {
    return this.engine.close();
  }
}

export function dockerReader(engine: Engine, stateDir: string): Reader {
  return new DockerReader(engine, stateDir);
}
