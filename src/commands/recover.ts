import {Args, Flags} from '@oclif/core';
import type {OwedRun, Recovery} from '../run/safety/recover.js';
import {FiredrillError} from '../system/error.js';
import {EXIT} from '../system/exit-codes.js';
import {owedLines, recoveryLines} from '../terminal/recovery-printer.js';
import {FiredrillCommand} from './base.js';
import {worldFlags, worldsOf} from './worlds.js';

const LOOK_MS = 30_000;

export class Recover extends FiredrillCommand {
  static override summary = 'Puts back what runs that are gone still owe, and proves it.';
  static override description =
    'Without RUN: everything that is owed by runs that are no longer alive. Ends with 0 when nothing is owed any more, with 6 when something is still broken, and with 8 when the named run is alive.';
  static override args = {run: Args.string({description: 'Only this run.'})};
  static override flags = {
    list: Flags.boolean({description: 'Only show what is owed; change nothing.'}),
    force: Flags.boolean({description: 'Also a run of another machine whose hard stop has not passed.'}),
    json: Flags.boolean({description: 'Print the result as JSON.'}),
    ...worldFlags,
  };
  static override examples = [
    '<%= config.bin %> recover --list',
    '<%= config.bin %> recover',
    '<%= config.bin %> recover --docker local',
  ];

  async run(): Promise<void> {
    const {args, flags} = await this.parse(Recover);
    const {ports, redact} = await this.machine();
    const {listOwed, recoverRun} = await import('../run/safety/recover.js');
    const all = await listOwed(ports, await worldsOf(flags, ports), AbortSignal.timeout(LOOK_MS));
    const chosen = choose(all, args.run);
    if (flags.list) {
      this.show({owed: chosen}, owedLines(chosen, this.out.style), flags.json);
      this.endWith(chosen.some(run => run.debts.length > 0 && !run.live) ? EXIT.broken : 0);
      return;
    }
    const done: Recovery[] = [];
    for (const owed of chosen) {
      if (args.run === undefined && owed.live && !(flags.force && owed.known === 'marks')) {
        this.err.write(`${owed.run} is alive and left alone; stop it with: firedrill stop ${owed.run}\n`);
        continue;
      }
      done.push(await recoverRun(ports, owed, {force: flags.force, redact}));
    }
    const lines = done.flatMap(recovery => recoveryLines(recovery, this.out.style));
    this.show({recovered: done}, lines.length === 0 ? ['Nothing is owed.'] : lines, flags.json);
    this.endWith(done.some(recovery => recovery.owed.length > 0) ? EXIT.broken : 0);
  }

  private show(value: unknown, lines: readonly string[], json: boolean): void {
    if (json) this.printJson(value);
    else this.print(lines);
  }
}

function choose(all: readonly OwedRun[], name: string | undefined): readonly OwedRun[] {
  if (name === undefined) return all;
  const chosen = all.filter(one => one.run === name);
  if (chosen.length > 0) return chosen;
  throw new FiredrillError(
    'RUN_UNKNOWN',
    `Expected a run that owes something; \`${name}\` is not known to owe anything.`,
    {
      hint: 'firedrill recover --list shows what is owed; add --docker, --proxy or --kubernetes for runs of another machine.',
    },
  );
}
