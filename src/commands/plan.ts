import * as Flags from '@oclif/core/flags';
import {worstExit} from '../system/exit-codes.js';
import {printError} from '../terminal/error-printer.js';
import {FiredrillCommand} from './base.js';
import {fileArgument, includeFromFlag, loadToFlag, varFlag} from './experiment-flags.js';
import {goOnFlag, parseGoOn, withGoOnLimit} from './go-on-flag.js';

const LOOK_MS = 60_000;

export class Plan extends FiredrillCommand {
  static description =
    'Resolves the exact targets and drafts every change with its undo and who holds its deadline. It is given readers only, so it cannot inject. Ends with 3 (or 8) when the plan is refused. The digest it prints is what `run --approved` takes.';
  static args = {file: fileArgument};
  static flags = {
    var: varFlag,
    'include-from': includeFromFlag,
    'load-to': loadToFlag,
    'go-on': goOnFlag,
    json: Flags.boolean({description: 'Print the plan as JSON.'}),
  };
  static examples = ['<%= config.bin %> plan experiments/process-freeze-inventory.yaml'];

  async run(): Promise<void> {
    const {args, flags} = await this.parse(Plan, withGoOnLimit(this.argv));
    const {openExperiment, planFile, planJson, planLines, readMeasures, Readers} = await import('./with-file.js');
    const opened = await openExperiment(args.file, {
      vars: flags.var,
      includeFrom: flags['include-from'],
      goOnMs: parseGoOn(flags['go-on']),
      environment: this.environment,
      style: this.err.style,
    });
    const {ports} = await this.machine();
    const readers = new Readers(ports);
    try {
      const signal = AbortSignal.timeout(LOOK_MS);
      const plan = await planFile(opened, {ports, readers, signal, loadTo: flags['load-to']});
      const measures = await readMeasures(plan.experiment, plan.targets, {ports, signal});
      if (flags.json) this.printJson(planJson(plan, measures));
      else this.print(planLines(plan, this.out.style, measures));
      const codes = plan.refusals.map(refusal => (flags.json ? refusal.exitCode : printError(refusal, this.err, '')));
      this.endWith(worstExit(codes));
    } finally {
      await readers.close();
    }
  }
}
