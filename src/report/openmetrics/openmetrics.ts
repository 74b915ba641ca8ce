import {printable} from '../../quantities/printable.js';
import type {Result} from '../../verdict/result.js';
import {shownValues} from '../../verdict/shown.js';
import type {Format} from '../format.js';

type Labels = Readonly<Record<string, string>>;

interface Family {
  readonly name: string;
  readonly help: string;
  readonly samples: readonly (readonly [labels: Labels, value: number | null | undefined])[];
}

/** A label's value: the three characters that OpenMetrics escapes, and nothing that would not be seen. */
const escaped = (text: string) => printable(text).replaceAll('\\', '\\\\').replaceAll('"', '\\"');

function familyLines({name, help, samples}: Family, own: Labels): readonly string[] {
  const there = samples.filter(([, value]) => value !== null && value !== undefined);
  if (there.length === 0) return [];
  return [
    `# TYPE ${name} gauge`,
    `# HELP ${name} ${help}`,
    ...there.map(([labels, value]) => {
      const all = Object.entries({...own, ...labels}).map(([label, text]) => `${label}="${escaped(text)}"`);
      return `${name}{${all.join(',')}} ${value}`;
    }),
  ];
}

const VERDICTS = ['held', 'deviated', 'inconclusive'] as const;
const verdicts = (labels: Labels, verdict: string | null) =>
  VERDICTS.map(one => [{...labels, verdict: one}, verdict === one ? 1 : 0] as const);

function families(result: Result): readonly Family[] {
  const {metrics, recovery, times, owed, exit, startedAt, durationSeconds} = result;
  const [least, most] = recovery.tookSeconds ?? [null, null];
  return [
    {name: 'firedrill_run_exit_code', help: 'Exit code of the run.', samples: [[{}, exit]]},
    {name: 'firedrill_run_verdict', help: '1 for the verdict of the run.', samples: verdicts({}, result.verdict)},
    {
      name: 'firedrill_run_start_timestamp_seconds',
      help: 'When the run started.',
      samples: [[{}, Date.parse(startedAt) / 1000]],
    },
    {name: 'firedrill_run_duration_seconds', help: 'How long the run took.', samples: [[{}, durationSeconds]]},
    {name: 'firedrill_run_owed_undos', help: 'Changes that are not put back.', samples: [[{}, owed.length]]},
    {
      name: 'firedrill_run_metric_value',
      help: 'A metric before, during and after the fault, in its own unit.',
      samples: metrics.flatMap(metric => {
        const {before, during, after} = shownValues(metric);
        const labels = {metric: metric.name, unit: metric.unit};
        return [
          [{...labels, window: 'before'}, before] as const,
          [{...labels, window: 'during'}, during] as const,
          [{...labels, window: 'after'}, after] as const,
        ];
      }),
    },
    {
      name: 'firedrill_run_metric_verdict',
      help: '1 for the verdict about a metric.',
      samples: metrics
        .filter(({verdict}) => verdict !== null)
        .flatMap(({name, verdict}) => verdicts({metric: name}, verdict)),
    },
    {
      name: 'firedrill_run_recovery_seconds',
      help: 'How long the steady state took to come back: at least, and at most.',
      samples: [
        [{limit: 'least'}, least],
        [{limit: 'most'}, most],
      ],
    },
    {
      name: 'firedrill_run_lost_requests',
      help: 'Requests that were lost to an injection.',
      samples: times.loads.map(({load, occurrence, lost}) => [{load, occurrence}, lost.estimate] as const),
    },
  ];
}

/** The figures of a run as OpenMetrics text, for a push gateway or a textfile collector. */
export function renderOpenMetrics(result: Result): string {
  const own = {experiment: result.title, run: result.run};
  return `${[...families(result).flatMap(family => familyLines(family, own)), '# EOF'].join('\n')}\n`;
}

export const format: Format = {file: 'metrics.txt', order: 80, onRequest: true, render: renderOpenMetrics};
