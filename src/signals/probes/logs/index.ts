import {FiredrillError} from '../../../system/error.js';
import type {OpenProbe, ProbeContext, ProbeSource, Reading} from '../../contract.js';
import type {CountedLog} from '../../logs/contract.js';
import {noValue} from '../../missing.js';
import {parameters, type Parameters} from './parameters.js';

interface Counted {
  readonly count: number;
  /** Lines of which nobody knows what they say, or bytes of which nobody knows how many lines they are. */
  readonly unknown: number;
}

class LogProbe implements OpenProbe {
  private before: Counted & {readonly atMs: number};

  constructor(
    private readonly log: CountedLog,
    private readonly count: () => Counted,
    private readonly isRate: boolean,
  ) {
    const {count: now, unknown} = count();
    this.before = {count: now, unknown: isRate ? unknown : 0, atMs: performance.now()};
  }

  read(signal: AbortSignal): Promise<readonly Reading[]> {
    signal.throwIfAborted();
    return Promise.resolve([this.reading()]);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  private reading(): Reading {
    const {before, isRate} = this;
    const now = {...this.count(), atMs: performance.now()};
    if (isRate) this.before = now;
    if (this.log.why !== undefined) return this.log.why;
    if (now.unknown > before.unknown) return noValue('late', 'lines came faster than they can be looked at');
    if (!isRate) return {value: now.count};
    const seconds = (now.atMs - before.atMs) / 1000;
    if (seconds <= 0) return noValue('first', 'no time has passed since the read before');
    return {value: (now.count - before.count) / seconds};
  }
}

/** How to count what is asked for. */
function counterOf({measure, matches}: Parameters, log: CountedLog): () => Counted {
  const countOf = () => {
    if (matches !== undefined) return log.matching(matches);
    return measure.startsWith('errors') ? log.counts.errors : log.counts.lines;
  };
  const looksInside = matches !== undefined || measure.startsWith('errors');
  return () => {
    const {unread, passedBytes} = log.counts;
    return {count: countOf(), unknown: passedBytes + (looksInside ? unread : 0)};
  };
}

function open(given: Parameters, {logs}: ProbeContext): OpenProbe {
  if (logs === undefined)
    throw new FiredrillError('PROBE_UNUSABLE', 'Expected a run: logs are followed while one measures.');
  const log = logs[given.of];
  if (log === undefined)
    throw new FiredrillError('PROBE_UNUSABLE', `Expected the name of an entry of \`logs\`; got \`${given.of}\`.`);
  return new LogProbe(log, counterOf(given, log), given.measure.endsWith('.rate'));
}

export const source: ProbeSource = {
  name: 'logs',
  summary: 'Rates and totals of the lines, or of the errors, in a log.',
  parameters,
  opens: {anew: 'nothing', kept: 'what the run follows the log by, which is not the target'},
  open: (given, context) => Promise.resolve().then(() => open(given as Parameters, context)),
};
