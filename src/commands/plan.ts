import {Flags} from '@oclif/core';
import {worstExit} from '../system/exit-codes.js';
import {printError} from '../terminal/error-printer.js';
import {planJson, planLines} from '../terminal/plan-printer.js';
import {FiredrillCommand} from './base.js';
import {fileArgument, varFlag} from './experiment-flags.js';
import {openExperiment} from './open-experiment.js';
import {parseResize, resizeFlag, withResizeLimit} from './resize-flag.js';

const LOOK_MS = 60_000;

export class Plan extends FiredrillCommand {
  static override summary = 'Shows what a run would hit and how it would be put back. Reads only.';
  static override description =
    'Resolves the exact targets and drafts every change with its undo and who holds its deadline. It is given readers only, so it cannot inject. Ends with 3 (or 8) when the plan is refused. The digest it prints is what `run --approved` takes.';
  static override args = {file: fileArgument};
  static override flags = {
    var: varFlag,
    resize: resizeFlag,
    json: Flags.boolean({description: 'Print the plan as JSON.'}),
  };
  static override examples = ['<%= config.bin %> plan experiments/process-freeze-inventory.yaml'];

  async run(): Promise<void> {
    const {args, flags} = await this.parse(Plan, withResizeLimit(this.argv));
    const resizeMs = parseResize(flags.resize);
    const opened = openExperiment(args.file, {
      vars: flags.var,
      environment: this.environment,
      colours: this.err.style.level > 0,
    });
    const {ports} = await this.machine();
    const [{planFile}, {readMeasures}, {Readers}] = await Promise.all([
      import('./plan-file.js'),
      import('../run/plan/measures.js'),
      import('../run/safety/connections.js'),
    ]);
    const readers = new Readers(ports);
    try {
      const signal = AbortSignal.timeout(LOOK_MS);
      const plan = await planFile(opened, {ports, readers, signal, resizeMs});
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
