import type {Json, JsonObject} from '../../../quantities/json.js';
import {describeError, FiredrillError} from '../../../system/error.js';
import type {Op, Proof} from '../../../targets/contract.js';
import type {OpenProbe, ProbeSource, Reading} from '../../contract.js';
import {parameters, unitOf, worseOf} from './parameters.js';

/** The driver's read-only operation that shows a workload; see the kubernetes driver. */
const OBSERVE = {op: 'workload.observe', v: 1} as const;
const FIELD: Readonly<Record<string, string>> = {'ready-replicas': 'ready', restarts: 'restarts'};

export const source: ProbeSource = {
  name: 'kubernetes',
  summary: 'Ready replicas and container restarts of pods and workloads.',
  parameters,
  unit: unitOf,
  worse: worseOf,
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
    const {reader, refs} = target;
    const proofs: readonly Op[] = refs.map(ref => ({...OBSERVE, ref, args: {}}));
    const field = FIELD[text(given['measure'])] ?? '';
    return Promise.resolve<OpenProbe>({
      read: async signal => {
        try {
          return readings(await reader.prove(proofs, signal), field);
        } catch (error) {
          if (signal.aborted) throw signal.reason;
          return [{value: null, why: describeError(error)}];
        }
      },
      // The reader belongs to the run.
      close: () => Promise.resolve(),
    });
  },
};

/** One reading per workload: several pods of one workload show the same thing. */
function readings(proofs: readonly Proof[], field: string): readonly Reading[] {
  const bySubject = new Map<string, Reading>();
  for (const {readings: seen, why, ref} of proofs) {
    const subject = subjectOf(seen) ?? ref.name;
    const value = seen[field];
    bySubject.set(
      subject,
      typeof value === 'number'
        ? {subject, value}
        : {subject, value: null, why: why ?? `the cluster did not say its ${field}`},
    );
  }
  const all = [...bySubject.values()];
  const [only] = all;
  if (all.length > 1 || only === undefined) return all;
  return [only.value === null ? {value: null, why: only.why} : {value: only.value}];
}

const text = (value: Json | undefined) => (typeof value === 'string' ? value : '');

function subjectOf(seen: JsonObject): string | undefined {
  return typeof seen['subject'] === 'string' ? seen['subject'] : undefined;
}
