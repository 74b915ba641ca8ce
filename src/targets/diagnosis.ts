/** One thing that was looked at on this machine, for people who want to know what works here. */
export interface Diagnosis {
  /** What was looked at: `packet filter`. */
  readonly what: string;
  /** `limited`: it works, or other ways do, but not everything that could. */
  readonly state: 'works' | 'limited' | 'missing';
  /** What was found, in a few words. */
  readonly found: string;
  /** Which faults or commands that is about, and what to do; of what does not work. */
  readonly advice?: string;
}
