import type {Json} from '../../../quantities/json.js';
import {describeError, FiredrillError} from '../../../system/error.js';
import type {Op, Proof} from '../../../targets/contract.js';
import type {OpenProbe, ProbedTarget, ProbeSource, Reading} from '../../contract.js';
import {noValue} from '../../missing.js';
import {parameters} from './parameters.js';

/** The driver's read-only operation that shows a workload; see the kubernetes driver. */
const OBSERVE = {op: 'workload.observe', v: 1} as const;
/** What it means that a reference shows no figure. */
const REASONS = {absent: 'gone', unknown: 'between', 'in-force': 'silent'} as const;
const FIELD: Readonly<Record<string, string>> = {'ready-replicas': 'ready', restarts: 'restarts'};

export const source: ProbeSource = {
  name: 'kubernetes',
  summary: 'Ready replicas and container restarts of pods and workloads.',
  parameters,
  opens: {anew: 'a connection to the API server, for each request', kept: 'nothing'},
  open: (given, context) => {
    const of = text(given['of']);
    const target = context.targets[of];
    const foreign = target?.refs.find(ref => ref.driver !== 'kubernetes');
    if (target === undefined || target.refs.length === 0 || foreign !== undefined)
      return Promise.reject(
        new FiredrillError(
          'PROBE_UNUSABLE',
          `The probe \`kubernetes\` expected a Kubernetes target; got \`of: ${of}\``,
          {
            hint: 'name an entry of `targets` that has `kubernetes: {…}`',
          },
        ),
      );
    return Promise.resolve(new KubernetesProbe(target, FIELD[text(given['measure'])] ?? ''));
  },
};

class KubernetesProbe implements OpenProbe {
  readonly perSubject: boolean;
  private readonly proofs: readonly Op[];
  /** The workload that each reference showed at last: a read that fails belongs to its series. */
  private readonly subjects = new Map<string, string>();

  constructor(
    private readonly target: ProbedTarget,
    private readonly field: string,
  ) {
    this.perSubject = target.refs.length > 1;
    this.proofs = target.refs.map(ref => ({...OBSERVE, ref, args: {}}));
  }

  async read(signal: AbortSignal): Promise<readonly Reading[]> {
    try {
      const proofs = await this.target.reader.prove(this.proofs, signal);
      return this.readings(proofs);
    } catch (error) {
      if (signal.aborted) throw signal.reason;
      return [noValue('between', describeError(error))];
    }
  }

  /** One reading per workload: several pods of one workload show the same thing. */
  private readings(proofs: readonly Proof[]): readonly Reading[] {
    const bySubject = new Map<string | undefined, Reading>();
    for (const {readings: seen, why, ref, state} of proofs) {
      const value = seen[this.field];
      const shown = text(seen['subject']) || this.subjects.get(ref.object);
      if (shown !== undefined) this.subjects.set(ref.object, shown);
      const subject = this.perSubject && shown !== undefined ? {subject: shown} : {};
      bySubject.set(
        shown,
        typeof value === 'number'
          ? {...subject, value}
          : {...subject, ...noValue(REASONS[state], why ?? `the cluster did not say its ${this.field}`)},
      );
    }
    return [...bySubject.values()];
  }

  /** The reader belongs to the run. */
  close(): Promise<void> {
    return Promise.resolve();
  }
}

const text = (value: Json | undefined) => (typeof value === 'string' ? value : '');
