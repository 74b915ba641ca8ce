import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import {listRuns} from '../../history/runs.js';
import {trendLines} from '../../history/trend-lines.js';
import {runsOf, trendOf} from '../../history/trend.js';
import {FiredrillCommand} from '../base.js';
import {runsDirFlag} from '../runs-folder.js';

export class RunsTrend extends FiredrillCommand {
  static args = {
    experiment: Args.string({
      ignoreStdin: true,
      required: true,
      description: 'Words of the title of an experiment, or its file.',
    }),
  };
  static flags = {
    limit: Flags.integer({min: 1, default: 20, helpValue: 'N', description: 'Only the newest N runs.'}),
    'runs-dir': runsDirFlag,
    json: Flags.boolean({description: 'Print the trend as JSON.'}),
  };
  static examples = ['<%= config.bin %> runs trend experiments/process-freeze-inventory.yaml'];

  async run(): Promise<void> {
    const {args, flags} = await this.parse(RunsTrend);
    await this.machine();
    const [first, ...others] = runsOf(await listRuns(flags['runs-dir']), args.experiment).slice(-flags.limit);
    if (first === undefined) return;
    const trend = trendOf([first, ...others]);
    if (flags.json) this.printJson(trend);
    else this.print(trendLines(trend, this.out));
  }
}
