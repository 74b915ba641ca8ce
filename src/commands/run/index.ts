import * as Flags from '@oclif/core/flags';
import type {FiredrillError} from '../../system/error.js';
import {worstExit} from '../../system/exit-codes.js';
import {printError} from '../../terminal/error-printer.js';
import {FiredrillCommand} from '../base.js';
import {fileArgument, includeFromFlag, loadToFlag, varFlag} from '../experiment-flags.js';
import {startGuardian} from '../../run/safety/guardian-process.js';
import {goOnFlag, parseGoOn, withGoOnLimit} from '../go-on-flag.js';
import {runsDirFlag} from '../runs-folder.js';
import {hireEarly} from './early-guardian.js';
import type {RunFileOutcome} from './run-file.js';
import {newRunName} from './run-name.js';

export class Run extends FiredrillCommand {
  static description = `Shows the exact targets and asks before anything is injected. Without a terminal, --yes or --approved is needed, unless only processes that Firedrill itself starts are hit.

Exit codes: 0 held, 2 wrong file or command line, 3 refused (the plan, or a run that could not answer), 4 stopped by a guard or by \`stop\`, 5 inconclusive, 6 something is still broken, 7 deviated, 8 not steady or locked, 1 a bug, 128+n interrupted by signal n.`;
  static args = {file: fileArgument};
  static flags = {
    yes: Flags.boolean({char: 'y', description: 'Agree to whatever the plan turns out to be.'}),
    approved: Flags.string({helpValue: 'DIGEST', description: 'Agree to the plan with this digest and to no other.'}),
    var: varFlag,
    'include-from': includeFromFlag,
    'load-to': loadToFlag,
    'go-on': goOnFlag,
    json: Flags.boolean({description: 'Print the result as JSON on stdout; progress goes to stderr.'}),
    quiet: Flags.boolean({char: 'q', description: 'No progress, only the result.'}),
    'metrics-port': Flags.integer({
      min: 0,
      max: 65_535,
      helpValue: 'PORT',
      description: 'Serve live metrics for Prometheus on 127.0.0.1:PORT/metrics.',
    }),
    notify: Flags.boolean({
      default: true,
      allowNo: true,
      description: 'Tell those who are to be told of the run: `notify` of the file and of the configuration.',
    }),
    'runs-dir': runsDirFlag,
  };
  static examples = [
    '<%= config.bin %> run experiments/process-freeze-inventory.yaml',
    '<%= config.bin %> run experiments/docker-freeze-inventory.yaml --yes --json',
  ];

  async run(): Promise<void> {
    const argv = withGoOnLimit(this.argv);
    const {args, flags} = await this.parse(Run, argv);
    const goOnMs = parseGoOn(flags['go-on']);
    const machine = await this.machine();
    const run = newRunName(machine.ports.clock);
    // Its start takes as long as all that is loaded and read below.
    const guardian = hireEarly(startGuardian, machine.ports.ambient.stateDir, run);
    try {
      const [{openExperiment}, {runFile}] = await Promise.all([import('../with-file.js'), import('./run-file.js')]);
      const opened = await openExperiment(args.file, {
        vars: flags.var,
        includeFrom: flags['include-from'],
        goOnMs,
        environment: this.environment,
        style: this.err.style,
      });
      const done = await runFile(opened, {
        machine,
        run,
        startGuardian: guardian.start,
        flags: {
          yes: flags.yes,
          approved: flags.approved,
          quiet: flags.quiet,
          loadTo: flags['load-to'],
          metricsPort: flags['metrics-port'],
          notify: flags.notify,
          runsDir: flags['runs-dir'],
        },
        tool: `${this.installed.name}/${this.installed.version}`,
        command: ['firedrill', 'run', ...argv].join(' '),
        err: this.err,
      });
      await this.tell(done, flags.json);
    } finally {
      await guardian.dismiss();
    }
  }

  private async tell(done: RunFileOutcome, json: boolean): Promise<void> {
    if (done.state === 'refused') {
      this.refuse(done.refusals, json);
      return;
    }
    const {result, reports, folder} = done;
    const {style, columns} = this.out;
    const {summaryLines} = await import('../with-file.js');
    if (json) this.printJson(result);
    else this.print(['', ...summaryLines(result, {style, columns, folder, reports})]);
    for (const text of await done.untold) this.err.lines([`warning: ${text}`]);
    this.endWith(result.exit);
  }

  private refuse(refusals: readonly FiredrillError[], json: boolean): void {
    const codes = refusals.map(refusal => printError(refusal, this.err, ''));
    const code = worstExit(codes);
    const shape = refusals.map(({code, message, hint, exitCode}) => ({code, message, hint, exit: exitCode}));
    if (json) this.printJson({refused: shape, exit: code});
    this.endWith(code);
  }
}
