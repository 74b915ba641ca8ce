import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import type {Ports} from '../ports.js';
import type {OwedRun, Recovery} from '../run/safety/recover.js';
import {describeError, FiredrillError} from '../system/error.js';
import {EXIT} from '../system/exit-codes.js';
import {forgottenLines, owedLines, recoveryLines} from '../terminal/recovery-printer.js';
import {FiredrillCommand} from './base.js';
import {worldFlags, worldsOf} from './worlds.js';

const LOOK_MS = 30_000;

export class Recover extends FiredrillCommand {
  static description =
    'Without RUN: everything that is owed by runs that are no longer alive. Ends with 0 when nothing is owed any more, with 6 when something is still broken, and with 8 when the named run is alive.';
  static args = {run: Args.string({ignoreStdin: true, description: 'Only this run.'})};
  static flags = {
    list: Flags.boolean({description: 'Only show what is owed; change nothing.'}),
    forget: Flags.string({
      helpValue: 'RUN',
      description: 'Undo nothing, and give up what this run owes: says what is abandoned, and frees its targets.',
    }),
    force: Flags.boolean({description: 'Also a run of another machine whose hard stop has not passed.'}),
    json: Flags.boolean({description: 'Print the result as JSON.'}),
    ...worldFlags,
  };
  static examples = [
    '<%= config.bin %> recover --list',
    '<%= config.bin %> recover',
    '<%= config.bin %> recover --docker local',
    '<%= config.bin %> recover --forget 20260101-120000-abcd',
  ];

  async run(): Promise<void> {
    const {args, flags} = await this.parse(Recover);
    const {ports, redact} = await this.machine();
    const {listOwed, recoverRun} = await import('../run/safety/recover.js');
    const all = await listOwed(ports, await worldsOf(flags, ports), AbortSignal.timeout(LOOK_MS));
    if (flags.forget !== undefined) return this.forget(ports, all, flags.forget, flags.json);
    const chosen = choose(all, args.run);
    if (flags.list) {
      this.show({owed: chosen}, owedLines(chosen, this.out.style), flags.json);
      this.endWith(chosen.some(run => isOwing(run) && !run.live) ? EXIT.broken : 0);
      return;
    }
    const isLeftAlone = ({live, known}: OwedRun) =>
      args.run === undefined && live && !(flags.force && known === 'marks');
    for (const {run} of chosen.filter(isLeftAlone))
      this.err.lines([`${run} is alive and left alone; stop it with: firedrill stop ${run}`]);
    const {done, beaten} = await recoverEach(
      chosen.filter(owed => !isLeftAlone(owed)),
      owed => recoverRun(ports, owed, {force: flags.force, redact}),
    );
    if (args.run !== undefined && beaten !== undefined) throw beaten;
    const lines = done.flatMap(recovery => recoveryLines(recovery, this.out.style));
    const reports = await this.tellAgain(ports, done);
    this.show({recovered: done}, lines.length === 0 ? ['Nothing is owed.'] : [...lines, ...reports], flags.json);
    const isBroken = done.some(({owed, unknown}) => owed.length + unknown.length > 0);
    if (beaten !== undefined && !isBroken) throw beaten;
    this.endWith(isBroken ? EXIT.broken : 0);
  }

  /**
   * Judges the runs anew and writes their results and reports: what these said was broken is not any more. Never
   * throws.
   */
  private async tellAgain({disk}: Ports, done: readonly Recovery[]): Promise<readonly string[]> {
    const folders = done.flatMap(({folder}) => folder ?? []);
    if (folders.length === 0) return [];
    const {judgeFolder, writeReports, WRITTEN_BY_RUNS} = await import('./run-result.js');
    const told: string[] = [];
    for (const folder of folders) {
      try {
        const {written, failed} = await writeReports(disk, await judgeFolder(disk, folder), folder, WRITTEN_BY_RUNS);
        told.push(...written);
        this.err.lines(failed);
      } catch (error) {
        this.err.lines([`Its reports could not be made again: ${describeError(error)}`]);
      }
    }
    return told.map(path => `Report  ${path}`);
  }

  private async forget(ports: Ports, all: readonly OwedRun[], run: string, json: boolean): Promise<void> {
    const {forgetRun} = await import('../run/safety/forget.js');
    for (const owed of choose(all, run)) {
      const forgotten = await forgetRun(ports, owed);
      this.show({forgotten}, forgottenLines(forgotten, this.out.style), json);
    }
  }

  private show(value: unknown, lines: readonly string[], json: boolean): void {
    if (json) this.printJson(value);
    else this.print(lines);
  }
}

/**
 * One after the other: a run that cannot be recovered must not hide the next. `beaten`: one that is alive, or somebody
 * else's.
 */
async function recoverEach(
  runs: readonly OwedRun[],
  recover: (owed: OwedRun) => Promise<Recovery>,
): Promise<{readonly done: readonly Recovery[]; readonly beaten: FiredrillError | undefined}> {
  const done: Recovery[] = [];
  let beaten: FiredrillError | undefined;
  for (const owed of runs) {
    try {
      done.push(await recover(owed));
    } catch (error) {
      if (error instanceof FiredrillError && error.code === 'RUN_ALIVE') beaten ??= error;
      else
        done.push({run: owed.run, debts: owed.debts, settled: [], owed: owed.debts, unknown: [describeError(error)]});
    }
  }
  return {done, beaten};
}

function isOwing({debts, unknown}: OwedRun): boolean {
  return debts.length + unknown.length > 0;
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
