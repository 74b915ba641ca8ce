import * as Flags from '@oclif/core/flags';
import {FiredrillCommand} from '../base.js';
import {fileArgument, includeFromFlag, loadToFlag, varFlag} from '../experiment-flags.js';

export class Load extends FiredrillCommand {
  static description = `Nothing is injected and no target is touched; processes that the file would start are not started. Prints what was measured: rate, latency from when each request was due, failures, and how well the generator kept its pace.

--find-saturation raises the rate by half until the system cannot follow at two rates (less than 98 % answered, or a 99th percentile above three times that of low load), narrows it down, and fits the universal scalability law. It ends at once when half of the requests fail.

Ctrl-C ends it with what was measured. Exit codes: 0 measured, 2 wrong file or command line, 5 the generator could not hold the load or no saturation was found, 128+n interrupted by signal n.`;
  static args = {file: fileArgument};
  static flags = {
    load: Flags.string({helpValue: 'NAME', description: 'Only this load of the file.'}),
    for: Flags.string({
      helpValue: 'DURATION',
      description: 'How long; of a search: at most. Default: 30s, of a search 5m.',
    }),
    'find-saturation': Flags.boolean({description: 'Search the rate at which the system saturates.'}),
    from: Flags.string({
      helpValue: 'RATE',
      dependsOn: ['find-saturation'],
      description: 'First rate of the search; default: the rate of the file.',
    }),
    to: Flags.string({
      helpValue: 'RATE',
      dependsOn: ['find-saturation'],
      description: 'Highest rate of the search; default: 100 times the first, at most 10000/s.',
    }),
    step: Flags.string({
      helpValue: 'DURATION',
      dependsOn: ['find-saturation'],
      description: 'How long each rate is measured; default: 5s.',
    }),
    var: varFlag,
    'include-from': includeFromFlag,
    'load-to': loadToFlag,
    json: Flags.boolean({description: 'Print what was measured as JSON on stdout; progress goes to stderr.'}),
    quiet: Flags.boolean({char: 'q', description: 'No progress, only the result.'}),
  };
  static examples = [
    '<%= config.bin %> load experiments/process-freeze-inventory.yaml --for 10s',
    '<%= config.bin %> load experiments/process-freeze-inventory.yaml --find-saturation --to 500/s',
  ];

  async run(): Promise<void> {
    const {args, flags} = await this.parse(Load);
    const [{openExperiment}, {loadAlone}] = await Promise.all([import('../with-file.js'), import('./alone.js')]);
    const opened = await openExperiment(args.file, {
      vars: flags.var,
      includeFrom: flags['include-from'],
      environment: this.environment,
      style: this.err.style,
    });
    const {ports} = await this.machine();
    const {lines, json, exit} = await loadAlone(opened.experiment, flags, {ports, out: this.out, err: this.err});
    if (flags.json) this.printJson(json);
    else this.print(lines);
    this.endWith(exit);
  }
}
