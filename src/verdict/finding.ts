export type Severity = 'SEV1' | 'SEV2' | 'SEV3' | 'SEV4' | 'SEV5';

export interface Finding {
  /** Stable name of the rule: `hypothesis-broken`. */
  readonly code: string;
  readonly title: string;
  readonly severity: Severity;
  /** How the severity came about, with the numbers in it. */
  readonly formula: string;
  /** One sentence with figures. */
  readonly what: string;
  readonly impact: string;
  readonly when: {readonly from: string; readonly to: string | null};
  readonly detection: string;
  readonly recovery: string;
  readonly evidence: readonly {readonly label: string; readonly value: string}[];
  /** Candidates, to be confirmed or rejected by a person. */
  readonly factors: readonly string[];
  readonly actions: readonly ActionItem[];
  /** Metric whose chart shows it. */
  readonly metric: string | null;
}

export interface ActionItem {
  /** Verb first. */
  readonly what: string;
  readonly type: 'detect' | 'mitigate' | 'prevent' | 'process';
  readonly priority: 'P1' | 'P2' | 'P3';
  readonly owner: null;
}
