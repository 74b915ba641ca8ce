import * as Flags from '@oclif/core/flags';
import {summaryLines} from '../../terminal/summary.js';
import {FiredrillCommand} from '../base.js';
import {findRun, runArgument, runsDirFlag} from '../runs-folder.js';
import {judgeFolder} from '../run-result.js';

export class RunsShow extends FiredrillCommand {
  static args = {run: runArgument};
  static flags = {
    'runs-dir': runsDirFlag,
    json: Flags.boolean({description: 'Print the whole result as JSON.'}),
  };
  static examples = ['<%= config.bin %> runs show latest', '<%= config.bin %> runs show latest --json'];

  async run(): Promise<void> {
    const {args, flags} = await this.parse(RunsShow);
    const {ports} = await this.machine();
    const folder = findRun(flags['runs-dir'], args.run);
    const result = await judgeFolder(ports.disk, folder);
    if (flags.json) this.printJson(result);
    else this.print(summaryLines(result, {style: this.out.style, columns: this.out.columns, folder}));
  }
}
