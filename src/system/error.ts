import {EXIT, type ExitCode} from './exit-codes.js';

/**
 * Every expected way to fail. `exit` is the code the command ends with; `meaning` is printed in docs/errors.md
 * (generated). An error that is not a FiredrillError is a bug and ends with code 1.
 */
export const ERRORS = {
  BAD_USAGE: {exit: EXIT.usage, meaning: 'The command line is wrong.'},
  FILE_UNREADABLE: {exit: EXIT.usage, meaning: 'A file could not be read: missing, too large, or not UTF-8.'},
  FILE_INVALID: {
    exit: EXIT.usage,
    meaning: 'An experiment or policy file has problems; all are listed with line and column.',
  },
  SECRET_MISSING: {exit: EXIT.usage, meaning: 'A `${secret:…}` or `${env:…}` reference has no value.'},
  TARGET_NONE: {exit: EXIT.refused, meaning: 'A selector matched nothing.'},
  TARGET_TOO_MANY: {exit: EXIT.refused, meaning: 'More targets than the blast radius allows.'},
  CHANGES_TOO_MANY: {
    exit: EXIT.refused,
    meaning: 'More changes than a person could look through before agreeing to them.',
  },
  TARGET_AMBIGUOUS: {
    exit: EXIT.refused,
    meaning: 'A selector matched several candidates and the file does not say how many to hit.',
  },
  TARGET_PROTECTED: {exit: EXIT.refused, meaning: 'A selected target is protected.'},
  TARGET_UNSUITABLE: {
    exit: EXIT.refused,
    meaning: 'A target cannot take this fault in its present state or of its kind.',
  },
  CONTROL_HIT: {exit: EXIT.refused, meaning: 'A target of the control group would be hit by a fault.'},
  DRIVER_UNREACHABLE: {
    exit: EXIT.refused,
    meaning: 'The Docker engine, cluster or proxy does not answer or refuses the credentials.',
  },
  CAPABILITY_MISSING: {exit: EXIT.refused, meaning: 'The driver or host cannot do what the fault needs.'},
  CLAIMS_OVERLAP: {exit: EXIT.refused, meaning: 'Two faults want the same slot of one target at the same time.'},
  POLICY_FORBIDS: {exit: EXIT.refused, meaning: 'The policy does not allow this experiment here or now.'},
  CONSENT_MISSING: {
    exit: EXIT.refused,
    meaning: 'Nobody agreed to the plan (a TTY answer, --yes or --approved DIGEST).',
  },
  PREPARATION_FAILED: {
    exit: EXIT.refused,
    meaning: 'A command of `prepare` failed or took too long; what ran before it is undone.',
  },
  IRREVERSIBLE: {exit: EXIT.refused, meaning: 'A change could not be put back and the file does not allow that.'},
  PLAN_CHANGED: {exit: EXIT.refused, meaning: 'The file or the targets are no longer what was approved.'},
  PROBE_UNUSABLE: {exit: EXIT.refused, meaning: 'A probe or load cannot be set up.'},
  ADDRESS_UNUSABLE: {
    exit: EXIT.refused,
    meaning: 'An address to listen on is taken, or this machine or user may not use it.',
  },
  FOLDER_UNWRITABLE: {
    exit: EXIT.refused,
    meaning: 'The folder of the runs or the state directory cannot be written: what is changed could not be recorded.',
  },
  STATE_FOREIGN: {
    exit: EXIT.usage,
    meaning:
      'The state directory belongs to another user, can be written by others, or is a symbolic link: nothing in it is carried out.',
  },
  TARGET_LOCKED: {exit: EXIT.notSteady, meaning: 'Another run means to hit the target, or still owes an undo on it.'},
  RUN_ALIVE: {exit: EXIT.notSteady, meaning: 'The run is still alive; stop it first.'},
  RUN_UNKNOWN: {exit: EXIT.usage, meaning: 'No run of that name.'},
  EVIDENCE_UNREADABLE: {
    exit: EXIT.usage,
    meaning:
      'A file is no evidence pack, or holds what Firedrill never packs: links, paths, the same name twice, too much.',
  },
  RECORD_UNREADABLE: {exit: EXIT.bug, meaning: 'A run folder cannot be read as a record.'},
  UNDO_FAILED: {exit: EXIT.broken, meaning: 'An undo failed or could not be verified.'},
  NOT_BUILT_YET: {
    exit: EXIT.usage,
    meaning: 'The file asks for something that this version knows by name but cannot do yet.',
  },
} as const satisfies Record<string, {exit: ExitCode; meaning: string}>;

export type ErrorCode = keyof typeof ERRORS;

/** The one error class. `message` says what was expected and what came; `hint` says what to do next. */
export class FiredrillError extends Error {
  readonly code: ErrorCode;
  readonly hint: string | undefined;

  constructor(code: ErrorCode, message: string, options: {hint?: string | undefined; cause?: unknown} = {}) {
    super(message, options.cause === undefined ? undefined : {cause: options.cause});
    this.name = 'FiredrillError';
    this.code = code;
    this.hint = options.hint;
  }

  get exitCode(): ExitCode {
    return ERRORS[this.code].exit;
  }
}

/** The message of anything that was thrown, with its causes. */
export function describeError(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause === undefined ? '' : ` (${describeError(error.cause)})`;
  return `${error.message}${cause}`;
}

/** The same error for people to read, without secrets in its texts, causes included. */
export function redactError(error: Error, redact: (text: string) => string): Error {
  if (error instanceof FiredrillError) {
    return new FiredrillError(error.code, redact(error.message), {
      hint: error.hint === undefined ? undefined : redact(error.hint),
      cause: error.cause === undefined ? undefined : new Error(redact(describeError(error.cause))),
    });
  }
  // In place: what oclif throws is told by its class and its own fields.
  error.message = redact(error.message);
  if (error.stack !== undefined) error.stack = redact(error.stack);
  return error;
}
