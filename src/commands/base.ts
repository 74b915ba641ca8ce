import {Command} from '@oclif/core';
import type {Machine} from '../run/machine.js';
import {redactTexts} from '../run/record/redaction.js';
import {redactError} from '../system/error.js';
import type {ExitCode} from '../system/exit-codes.js';
import {outputTo, type Output} from '../terminal/output.js';

/** What every command has: where results go (stdout), where progress goes (stderr), and the machine. */
export abstract class FiredrillCommand extends Command {
  protected readonly environment: Readonly<Record<string, string | undefined>> = process.env;
  /** Takes out the secrets that the machine has revealed so far: until it is opened there are none. */
  private redact = (text: string): string => text;
  /** Results. */
  protected readonly out: Output = outputTo(process.stdout, process.env, text => this.redact(text));
  /** Progress, questions and errors. */
  protected readonly err: Output = outputTo(process.stderr, process.env, text => this.redact(text));

  /** The real ports. Loaded lazily: commands that touch nothing do not pay for it. */
  protected async machine(): Promise<Machine> {
    const {openMachine} = await import('../run/machine.js');
    const machine = openMachine({environment: this.environment});
    this.redact = machine.redact;
    this.guardCrashes();
    return machine;
  }

  /** From here on the text of an error may hold a secret: it is taken out before the shim in bin/ could print it. */
  private guardCrashes(): void {
    const crash = (error: unknown) => {
      try {
        const told = error instanceof Error ? (error.stack ?? error.message) : String(error);
        process.stderr.write(`firedrill crashed, this is a bug: ${this.redact(told)}\n`);
      } finally {
        process.exit(1);
      }
    };
    process.prependListener('uncaughtException', crash);
    process.prependListener('unhandledRejection', crash);
  }

  protected print(lines: readonly string[]): void {
    if (lines.length > 0) this.out.write(`${lines.join('\n')}\n`);
  }

  protected printJson(value: unknown): void {
    // Text by text: a secret that looks like a number must not tear the JSON.
    this.out.write(`${JSON.stringify(redactTexts(value, this.redact), null, 2)}\n`);
  }

  /** The code the process will end with. Nothing is cut short by it. */
  protected endWith(code: ExitCode): void {
    process.exitCode = code;
  }

  /** Errors are printed by `main`, once, for all commands. */
  protected override catch(error: Error): Promise<never> {
    return Promise.reject(redactError(error, this.redact));
  }
}
