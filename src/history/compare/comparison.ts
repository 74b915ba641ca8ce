import type {Experiment} from '../../experiment/experiment.js';
import type {Result, Severity, Verdict} from '../../verdict/result.js';
import type {Section} from './figures.js';
import type {PlanDifference} from './plan-differences.js';

/** A run as it is compared: what was judged from its record, and the plan that stands in it. */
export interface JudgedRun {
  readonly result: Result;
  readonly experiment: Experiment;
}

/** What a figure of a run is beside that of the first. */
export interface Against {
  readonly word: 'better' | 'worse' | 'different' | 'no difference proven' | 'not comparable';
  /** Why, or by how much: a clause. */
  readonly text: string;
}

/** One figure of one run, in words and as numbers in the terms of its section. */
export interface Figure {
  readonly run: string;
  /** What it was before and while the faults were in force, where it is a metric. */
  readonly value: string;
  readonly verdict: Verdict | null;
  /** What is compared: a change, a share, a time. */
  readonly compared: string;
  /** What it surely is. */
  readonly surely: string;
  /** Infinite where there is no limit; null where nothing is known. */
  readonly limits: {readonly estimate: number; readonly lower: number; readonly upper: number} | null;
  /** The first run has none. */
  readonly against: Against | null;
}

export interface ComparedSection extends Omit<Section, 'figures' | 'worse' | 'say' | 'bracket'> {
  readonly figures: readonly Figure[];
}

/** A finding as it is told in a comparison. */
export interface ComparedFinding {
  readonly code: string;
  readonly severity: Severity;
  readonly title: string;
}

export interface ComparedRun {
  readonly run: string;
  readonly title: string;
  readonly startedAt: string;
  readonly verdict: Verdict | null;
  readonly end: string;
  readonly exit: number;
  readonly headline: string;
  readonly tool: string;
  readonly judge: string;
  readonly file: string;
  readonly sha256: string;
  readonly host: string;
  readonly findings: readonly ComparedFinding[];
  /** Beside the first run, which has none of these. */
  readonly newFindings: readonly ComparedFinding[];
  readonly goneFindings: readonly ComparedFinding[];
  /** Not seen, in a run that could not have shown them: it was left open, or does not judge their metric. */
  readonly untoldFindings: readonly ComparedFinding[];
  readonly planned: readonly PlanDifference[];
  /** How many more there are than `planned` has. */
  readonly plannedMore: number;
  /** One sentence a run: what is better, worse, and not proven. */
  readonly summary: string;
}

/** Several runs beside the first of them: what every format tells. */
export interface Comparison {
  readonly version: 1;
  readonly title: string;
  readonly runs: readonly ComparedRun[];
  readonly sections: readonly ComparedSection[];
  readonly notes: readonly string[];
}
