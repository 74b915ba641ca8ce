import type {JsonObject} from '../../../quantities/json.js';
import type {Drafts, Op, Reader, TargetRef} from '../../contract.js';
import {askContainer} from './ask.js';
import {VERSION} from './operations/index.js';
import {descriptorDrafts} from './drafts/descriptors.js';
import {diskDrafts} from './drafts/disk.js';
import {dnsDrafts} from './drafts/dns.js';
import {httpDrafts} from './drafts/http.js';
import {lifecycleDrafts} from './drafts/lifecycle.js';
import {networkDrafts} from './drafts/network.js';
import {partitionDrafts} from './drafts/partition.js';
import {processDrafts} from './drafts/processes.js';
import {resourceDrafts} from './drafts/resources.js';
import {shapingDrafts} from './drafts/shaping.js';
import {stressDrafts} from './drafts/stress.js';
import type {Engine} from './engine.js';
import {readFacets} from './facets.js';
import {ofRun, readDebts, readWorld} from './mark-volumes.js';
import {readProblems} from './problems.js';
import {proveAll} from './prove.js';
import {resolveContainers} from './select.js';
import {undoForms} from './undo-forms.js';

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

  prove(proofs: readonly Op[], signal: AbortSignal) {
    return proveAll(this.engine, proofs, signal);
  }

  facets(refs: readonly TargetRef[], signal: AbortSignal) {
    return readFacets(this.engine, refs, signal);
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
