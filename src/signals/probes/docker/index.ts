import type {Json, JsonObject} from '../../../quantities/json.js';
import {describeError, FiredrillError} from '../../../system/error.js';
import type {Op, Proof, Reader, TargetRef} from '../../../targets/contract.js';
import type {OpenProbe, ProbeSource, Reading} from '../../contract.js';
import {noValue, type NoValue} from '../../missing.js';
import {measureOf, parameters, type ContainerMeasure} from './parameters.js';

/** The driver's read-only operation that shows a container's numbers; see the docker driver. */
const OBSERVE = {op: 'container.observe', v: 1} as const;
const FIRST_READ_MS = 5_000;

/** What has to be remembered between two reads of one container. */
interface LastRead {
  cpu?: {readonly ns: number; readonly atMs: number; readonly startedAt: Json | undefined};
  oom: {readonly kills: number; readonly until: string};
}

type ReadValue = {readonly value: number} | NoValue;

function numberIn(seen: JsonObject, field: string): number | undefined {
  const value = seen[field];
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}

function plain(seen: JsonObject, field: string): ReadValue {
  const value = numberIn(seen, field);
  return value === undefined ? noValue('silent', `the engine did not say its ${field}`) : {value};
}

/** Processor time since the read before, as a share of one core. A restart begins anew. */
function cpu(seen: JsonObject, memory: LastRead): ReadValue {
  const [ns, atMs] = [numberIn(seen, 'cpuNs'), numberIn(seen, 'atMs')];
  if (ns === undefined || atMs === undefined) return noValue('silent', 'the engine did not say its CPU time');
  const before = memory.cpu;
  memory.cpu = {ns, atMs, startedAt: seen['startedAt']};
  if (before === undefined) return noValue('first', 'the first of the two readings that a share of CPU takes');
  if (before.startedAt !== seen['startedAt']) return noValue('first', 'it was restarted since the read before');
  const elapsed = (atMs - before.atMs) * 1e6;
  return elapsed <= 0
    ? noValue('first', 'no time has passed since the read before')
    : {value: (ns - before.ns) / elapsed};
}

function oomKills(seen: JsonObject, memory: LastRead): ReadValue {
  const [kills, until] = [numberIn(seen, 'oomKills'), seen['until']];
  if (kills === undefined || typeof until !== 'string')
    return noValue('silent', 'the engine did not say its OOM kills');
  memory.oom = {kills: memory.oom.kills + kills, until};
  return {value: memory.oom.kills};
}

function valueOf(measure: ContainerMeasure, {state, why, readings: seen}: Proof, memory: LastRead): ReadValue {
  const reason = why ?? seen['why'];
  const said = typeof reason === 'string' ? reason : 'no answer';
  if (state === 'absent') return noValue('gone', said);
  if (state === 'unknown') return noValue('between', said);
  // Running or not is a state of the target; what it has no figure for is not.
  if (typeof reason === 'string') return noValue(seen['running'] === false ? 'stopped' : 'silent', said);
  switch (measure) {
    case 'cpu':
      return cpu(seen, memory);
    case 'oom-kills':
      return oomKills(seen, memory);
    case 'memory':
    case 'restarts':
    case 'health':
      return plain(seen, measure);
  }
}

class DockerProbe implements OpenProbe {
  readonly perSubject: boolean;
  private readonly memories: Map<string, LastRead>;

  constructor(
    private readonly measure: ContainerMeasure,
    private readonly reader: Reader,
    private readonly refs: readonly TargetRef[],
  ) {
    this.perSubject = refs.length > 1;
    this.memories = new Map(refs.map(ref => [ref.object, {oom: {kills: 0, until: ''}}]));
  }

  async read(signal: AbortSignal): Promise<readonly Reading[]> {
    const proofs = this.refs.map((ref): Op => {
      const since = this.memories.get(ref.object)?.oom.until ?? '';
      return {...OBSERVE, ref, args: {measure: this.measure, ...(since === '' ? {} : {since})}};
    });
    try {
      return (await this.reader.prove(proofs, signal)).map(proof => this.reading(proof));
    } catch (error) {
      signal.throwIfAborted();
      return this.refs.map(ref => ({...this.subject(ref), ...noValue('between', describeError(error))}));
    }
  }

  /** The reader belongs to the run. */
  close(): Promise<void> {
    return Promise.resolve();
  }

  private reading(proof: Proof): Reading {
    const memory = this.memories.get(proof.ref.object) ?? {oom: {kills: 0, until: ''}};
    return {...this.subject(proof.ref), ...valueOf(this.measure, proof, memory)};
  }

  private subject(ref: TargetRef): {readonly subject?: string} {
    return this.perSubject ? {subject: ref.name} : {};
  }
}

export const source: ProbeSource = {
  name: 'docker',
  summary: 'CPU, memory, restarts, health and OOM kills of containers.',
  parameters,
  opens: {anew: 'nothing', kept: 'the connection to the engine, which is not the target'},
  open: async (given, context) => {
    const of = typeof given['of'] === 'string' ? given['of'] : '';
    const target = context.targets[of];
    if (target === undefined || target.refs.length === 0 || target.refs.some(ref => ref.driver !== 'docker')) {
      throw new FiredrillError('PROBE_UNUSABLE', `The probe \`docker\` expected a Docker target; got \`of: ${of}\``, {
        hint: 'Name an entry of `targets` that has `docker: …`.',
      });
    }
    const measure = measureOf(given);
    const probe = new DockerProbe(measure, target.reader, target.refs);
    // Differences need a first reading, taken here so that the first sample is a number; an engine that hangs is told
    // then.
    if (measure === 'cpu' || measure === 'oom-kills') {
      await probe.read(AbortSignal.timeout(FIRST_READ_MS)).catch(() => undefined);
    }
    return probe;
  },
};
