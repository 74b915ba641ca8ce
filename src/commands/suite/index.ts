import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import {writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {formatDuration, parseDuration} from '../../quantities/duration.js';
import {printableProse} from '../../quantities/printable.js';
import {junitOf} from '../../report/junit/junit.js';
import {FiredrillError} from '../../system/error.js';
import {EXIT, worstExit} from '../../system/exit-codes.js';
import {table} from '../../terminal/text.js';
import {FiredrillCommand} from '../base.js';
import {includeFromFlag, loadToFlag, varFlag} from '../experiment-flags.js';
import {runsDirFlag} from '../runs-folder.js';
import {suiteEntries, type SuiteEntry} from './files.js';
import {runEntry, type EntryOptions, type SuiteRun} from './run-entry.js';

/** What ends a suite at once: something is still broken, somebody stopped it, or Firedrill failed. */
const ENDS_IT: readonly number[] = [EXIT.broken, EXIT.bug];

export class Suite extends FiredrillCommand {
  static description = `Runs experiments one after the other, each as a run of its own, and ends with the worst of their exit codes. All files are checked first: where one is wrong, none is run. A signal ends the run that is under way, which undoes what it did, and nothing is run after it; nor after one that leaves something broken.`;
  static strict = false;
  static args = {
    path: Args.string({
      ignoreStdin: true,
      required: true,
      description: 'Experiment files, or folders of them (without `*.base.yaml`).',
    }),
  };
  static usage =
    'suite PATH... [--tag TAG] [--yes] [--fail-fast] [--budget DURATION] [--retry N] [--junit FILE] [--json]';
  static flags = {
    tag: Flags.string({
      multiple: true,
      multipleNonGreedy: true,
      helpValue: 'TAG',
      description: 'Only experiments with this tag; may be given several times.',
    }),
    yes: Flags.boolean({char: 'y', description: 'Agree to the plans, whatever they turn out to be.'}),
    'fail-fast': Flags.boolean({description: 'Run nothing more after an experiment that did not end with 0.'}),
    budget: Flags.string({
      helpValue: 'DURATION',
      description: 'Begin no experiment that may not be over within this time from the start.',
    }),
    retry: Flags.integer({
      default: 0,
      min: 0,
      max: 5,
      helpValue: 'N',
      description:
        'Run an experiment up to N times again that ended inconclusive (5) or not steady (8); never one that deviated.',
    }),
    junit: Flags.string({helpValue: 'FILE', description: 'Write what was to hold, of all experiments, as JUnit XML.'}),
    var: varFlag,
    'include-from': includeFromFlag,
    'load-to': loadToFlag,
    'runs-dir': runsDirFlag,
    json: Flags.boolean({description: 'Print what became of each as JSON.'}),
  };
  static examples = ['<%= config.bin %> suite experiments/ --tag process --yes --junit junit.xml'];

  async run(): Promise<void> {
    const {argv, flags} = await this.parse(Suite);
    const budgetMs = budgetOf(flags.budget);
    const entries = await suiteEntries(argv.map(String), flags.tag ?? [], {
      vars: flags.var,
      includeFrom: flags['include-from'],
      environment: this.environment,
      style: this.err.style,
    });
    const repeated = (['var', 'include-from', 'load-to'] as const).flatMap(name =>
      (flags[name] ?? []).flatMap(value => [`--${name}`, value]),
    );
    const runs = await this.all(entries, {
      budgetMs,
      failFast: flags['fail-fast'],
      retries: flags.retry,
      options: {
        program: [process.execPath, join(this.installed.root, 'bin/run.js')],
        args: ['--quiet', '--runs-dir', flags['runs-dir'], ...(flags.yes ? ['--yes'] : []), ...repeated],
        environment: this.environment,
        signals: process,
      },
    });
    if (flags.junit !== undefined) await writeFile(flags.junit, junitOf(runs.map(told)));
    if (flags.json)
      this.printJson(
        runs.map(({result, ...run}) => ({...run, verdict: result?.verdict ?? null, run: result?.run ?? null})),
      );
    else this.print(this.lines(runs));
    this.endWith(worstExit(runs.map(({exit}) => exit)));
  }

  private async all(
    entries: readonly SuiteEntry[],
    how: {
      readonly budgetMs: number | undefined;
      readonly failFast: boolean;
      readonly retries: number;
      readonly options: EntryOptions;
    },
  ): Promise<readonly SuiteRun[]> {
    const began = performance.now();
    const runs: SuiteRun[] = [];
    let ended: string | undefined;
    for (const entry of entries) {
      const left = how.budgetMs === undefined ? Infinity : how.budgetMs - (performance.now() - began);
      const why =
        ended ??
        (entry.totalMs > left
          ? `it may take ${formatDuration(entry.totalMs)}; the budget does not hold that`
          : undefined);
      if (why !== undefined) {
        // What was to be shown is not shown.
        runs.push({path: entry.path, title: entry.title, state: 'not-run', exit: EXIT.inconclusive, attempts: 0, why});
        continue;
      }
      this.err.lines([`▶ ${entry.title} (${entry.path})`]);
      let run = await runEntry(entry, 1, how.options);
      const mayAgain = (code: number) => code === EXIT.inconclusive || code === EXIT.notSteady;
      while (mayAgain(run.exit) && run.attempts <= how.retries)
        run = await runEntry(entry, run.attempts + 1, how.options);
      runs.push(run);
      if (run.exit > 128 || ENDS_IT.includes(run.exit) || (how.failFast && run.exit !== EXIT.held))
        ended = `the suite ended after \`${entry.path}\``;
    }
    return runs;
  }

  private lines(runs: readonly SuiteRun[]): readonly string[] {
    const {style} = this.out;
    const sign = ({exit, state}: SuiteRun) =>
      state === 'not-run' ? style.dim('–') : exit === EXIT.held ? style.green('✔') : style.red('✘');
    const rows = runs.map(run => [
      sign(run),
      printableProse(run.title),
      run.result?.verdict ?? run.state.replace('-', ' '),
      run.state === 'not-run' ? '' : String(run.exit),
      run.result?.run ?? printableProse(run.why).slice(0, 80),
    ]);
    const held = runs.filter(({exit}) => exit === EXIT.held).length;
    return [
      ...table([['', 'EXPERIMENT', 'VERDICT', 'EXIT', 'RUN'].map(head => style.bold(head)), ...rows]),
      '',
      `${held} of ${runs.length} experiments ended as they should.`,
    ];
  }
}

/** @throws FiredrillError BAD_USAGE for anything that is no duration */
function budgetOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const ms = parseDuration(text);
  if (ms !== undefined && ms > 0) return ms;
  throw new FiredrillError('BAD_USAGE', `Expected \`--budget\` with a duration such as \`30m\`; got \`${text}\`.`);
}

function told({result, title, path, exit, state, why}: SuiteRun): Parameters<typeof junitOf>[0][number] {
  return result ?? {title, file: path, exit, isSkipped: state === 'not-run', why};
}
