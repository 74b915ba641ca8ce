/** What a file says about alerts, and what their sources say about them: data that record and verdict share. */

/** Which alert a file means: whatever has this name, and these labels, at one source. */
export interface AlertSelector {
  readonly alert: string;
  /** Name of an entry of `sources`. */
  readonly from: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** An alert that must fire. */
export interface ExpectedAlertSpec extends AlertSelector {
  /** `deviated`: only when the steady state deviates under the fault. */
  readonly when: 'always' | 'deviated';
  /** From T0 of the injection that it is about. */
  readonly withinMs: number;
  /** From the end of the last injection. */
  readonly resolvesWithinMs?: number;
  /** Receiver of the Alertmanager to which it must be routed. */
  readonly receiver?: string;
}

/**
 * `none`: there is no such rule; `unknown`: the server has the rule and has not evaluated it yet. The others are
 * Prometheus' own, of the instance that has come furthest.
 */
export const ALERT_STATES = ['none', 'unknown', 'inactive', 'pending', 'firing'] as const;
export type AlertState = (typeof ALERT_STATES)[number];

/** How the rule of an alert is evaluated. */
export interface AlertRule {
  /** The last evaluation failed: why. */
  readonly error?: string;
  /** For how long the condition must be true before it fires. */
  readonly forMs: number;
  /** Time between two evaluations. */
  readonly everyMs: number;
}

/** What a source says of one alert at one moment. */
export interface ReadAlert extends Pick<AlertSelector, 'alert' | 'labels'> {
  readonly state: AlertState;
  /** Absent where there is none. */
  readonly rule?: AlertRule;
  /** Absent where the source has no Alertmanager. */
  readonly routing?: AlertRouting;
}

/** What the Alertmanager does with an alert. */
export interface AlertRouting {
  /** `absent`: it has not got it; `unread`: it could not be asked. */
  readonly state: 'absent' | 'active' | 'suppressed' | 'unread';
  /** Of a suppressed one. */
  readonly hiddenBy?: 'silence' | 'inhibition' | 'mute';
  /** To whom its route leads. */
  readonly receivers: readonly string[];
}

/** `CheckoutSlow`, `CheckoutSlow {severity="page"}`: an alert as it is told. */
export function alertName({alert, labels}: Pick<AlertSelector, 'alert' | 'labels'>): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}=${JSON.stringify(value)}`);
  return pairs.length === 0 ? alert : `${alert} {${pairs.join(', ')}}`;
}

/** What tells alerts of one source apart. */
export function isSameAlert(one: AlertSelector, other: AlertSelector): boolean {
  return one.from === other.from && alertName(one) === alertName(other);
}
