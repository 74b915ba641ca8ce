import * as Flags from '@oclif/core/flags';
import {resolve} from 'node:path';
import {FORMATS} from '../report/registry.generated.js';
import {FiredrillCommand} from './base.js';
import {judgeFolder, refuseLive, writeReports} from './run-result.js';
import {findRun, runArgument, runsDirFlag} from './runs-folder.js';

export class Report extends FiredrillCommand {
  static args = {run: runArgument};
  static flags = {
    format: Flags.string({
      multiple: true,
      multipleNonGreedy: true,
      options: FORMATS.map(({name}) => name),
      description: 'Only this format; default: those that every run writes.',
    }),
    stdout: Flags.boolean({description: 'Print one format instead of writing files.', dependsOn: ['format']}),
    output: Flags.string({char: 'o', helpValue: 'FOLDER', description: 'Where to write; default: the run folder.'}),
    json: Flags.boolean({description: 'Print what was written as JSON.', exclusive: ['stdout']}),
    'runs-dir': runsDirFlag,
  };
  static examples = ['<%= config.bin %> report latest', '<%= config.bin %> report latest --format markdown --stdout'];

  async run(): Promise<void> {
    const {args, flags} = await this.parse(Report);
    const {ports} = await this.machine();
    const folder = findRun(flags['runs-dir'], args.run);
    const result = await judgeFolder(ports.disk, folder);
    await refuseLive(ports, result);
    const formats = FORMATS.filter(({name, onRequest}) => flags.format?.includes(name) ?? !onRequest);
    if (flags.stdout) {
      for (const format of formats) this.out.write(await format.render(result));
      return;
    }
    const into = flags.output === undefined ? folder : resolve(flags.output);
    await ports.disk.makeFolder(into);
    const {written, failed} = await writeReports(ports.disk, result, into, formats);
    if (flags.json) this.printJson({run: result.run, verdict: result.verdict, exit: result.exit, written, failed});
    else this.print(written);
    this.err.lines(failed);
    this.endWith(failed.length === 0 ? 0 : 1);
  }
}
