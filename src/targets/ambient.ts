/**
 * What the command line, the environment and the policy say about reaching things; passed in, never read by a driver.
 */
export interface Ambient {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The run folder or a scratch folder: pid files, logs of started processes. */
  readonly scratch: string;
  /** Local marks and debts live here (the user's state directory). */
  readonly stateDir: string;
  /** Replaces `${secret:…}` in a text by its value, at the moment of use. */
  readonly reveal: (text: string) => string;
  /** Takes every secret that was revealed out of a text. What is cut to a part is redacted before. */
  readonly redact: (text: string) => string;
  /** Overwrites every secret that was revealed, in place; answers whether there was any. */
  readonly mask: (bytes: Buffer) => boolean;
}
