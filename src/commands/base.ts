import {Command} from '@oclif/core';
import type {Machine} from '../run/machine.js';
import type {ExitCode} from '../system/exit-codes.js';
import {outputTo, type Output} from '../terminal/output.js';

/** What every command has: where results go (stdout), where progress goes (stderr), and the machine. */
export abstract class FiredrillCommand extends Command {
  protected readonly environment: Readonly<Record<string, string | undefined>> = process.env;
  /** Results. */
  protected readonly out: Output = outputTo(process.stdout, process.env);
  /** Progress, questions and errors. */
  protected readonly err: Output = outputTo(process.stderr, process.env);

  /** The real ports. Loaded lazily: commands that touch nothing do not pay for it. */
  protected async machine(): Promise<Machine> {
    const {openMachine} = await import('../run/machine.js');
    return openMachine({environment: this.environment});
  }

  protected print(lines: readonly string[]): void {
    if (lines.length > 0) this.out.write(`${lines.join('\n')}\n`);
  }

  protected printJson(value: unknown): void {
    this.out.write(`${JSON.stringify(value, null, 2)}\n`);
  }

  /** The code the process will end with. Nothing is cut short by it. */
  protected endWith(code: ExitCode): void {
    process.exitCode = code;
  }

  /** Errors are printed by `main`, once, for all commands. */
  protected override catch(error: Error): Promise<never> {
    return Promise.reject(error);
  }
}
