import {
  parse,
  type ArgInput,
  type FlagInput,
  type Input,
  type OutputArgs,
  type OutputFlags,
  type ParserOutput,
} from '@oclif/core/parser';
import {printableJson} from '../quantities/printable.js';
import type {Machine} from '../run/machine.js';
import {redactTexts} from '../record/redaction.js';
import {redactError} from '../system/error.js';
import {withoutPasswords} from '../system/secrets.js';
import type {ExitCode} from '../system/exit-codes.js';
import {outputTo, type Output} from '../terminal/output.js';

/** Which Firedrill this is: what its package.json says, and the folder where that lies. */
export interface Installed {
  readonly root: string;
  readonly name: string;
  readonly version: string;
  readonly description: string;
}

/** A command as its line is parsed and its help is printed. */
export interface CommandClass {
  new (argv: readonly string[], installed: Installed): FiredrillCommand;
  readonly description?: string;
  readonly usage?: string;
  readonly examples: readonly string[];
  readonly args?: ArgInput;
  readonly flags: FlagInput;
  /** false: takes any number of arguments. */
  readonly strict?: boolean;
}

/**
 * A command as the list of all shows it. Its code loads when it is asked for: what one command needs, no other pays
 * for.
 */
export interface ListedCommand {
  readonly summary: string;
  readonly load: () => Promise<CommandClass>;
}

/** What every command has: where results go (stdout), where progress goes (stderr), and the machine. */
export abstract class FiredrillCommand {
  protected readonly environment: Readonly<Record<string, string | undefined>> = process.env;
  /**
   * Takes out the passwords of URLs, and the secrets that the machine has revealed so far: until it is opened there are
   * none.
   */
  private redact = withoutPasswords;
  /** Results. */
  protected readonly out: Output = outputTo(process.stdout, process.env, text => this.redact(text));
  /** Progress, questions and errors. */
  protected readonly err: Output = outputTo(process.stderr, process.env, text => this.redact(text));

  constructor(
    protected readonly argv: readonly string[],
    protected readonly installed: Installed,
  ) {}

  abstract run(): Promise<void>;

  /**
   * Carries the command out. Errors are printed by `main`, once, for all commands: without the secrets that were met.
   */
  async execute(): Promise<void> {
    try {
      await this.run();
    } catch (thrown) {
      throw thrown instanceof Error ? redactError(thrown, this.redact) : thrown;
    }
  }

  /** What the words of the line mean to the command. */
  protected parse<F extends OutputFlags<FlagInput>, B extends OutputFlags<FlagInput>, A extends OutputArgs<ArgInput>>(
    command: Input<F, B, A>,
    argv = this.argv,
  ): Promise<ParserOutput<F, B, A>> {
    return parse([...argv], command);
  }

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
        this.err.lines(`firedrill crashed, this is a bug: ${told}`.split('\n'));
      } finally {
        process.exit(1);
      }
    };
    process.prependListener('uncaughtException', crash);
    process.prependListener('unhandledRejection', crash);
  }

  protected print(lines: readonly string[]): void {
    this.out.lines(lines);
  }

  protected printJson(value: unknown): void {
    // Text by text: a secret that looks like a number must not tear the JSON.
    this.out.write(`${printableJson(redactTexts(value, this.redact))}\n`);
  }

  /** The code the process will end with. Nothing is cut short by it. */
  protected endWith(code: ExitCode): void {
    process.exitCode = code;
  }
}
