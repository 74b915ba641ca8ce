import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import {FiredrillCommand} from '../base.js';
import {includeFromFlag, parseVars, varFlag} from '../experiment-flags.js';
import {goOnFlag, parseGoOn, withGoOnLimit} from '../go-on-flag.js';

export class Validate extends FiredrillCommand {
  static description =
    'Touches nothing and looks nothing up. Prints the timeline and what would be measured. Ends with 0, or with 2 when a file has problems.';
  static strict = false;
  static args = {
    file: Args.string({ignoreStdin: true, required: true, description: 'Experiment files (YAML or JSON).'}),
  };
  static usage = 'validate FILE... [--var NAME=VALUE] [--include-from FOLDER] [--go-on[=DURATION]] [--json]';
  static flags = {
    var: varFlag,
    'include-from': includeFromFlag,
    'go-on': goOnFlag,
    json: Flags.boolean({description: 'Print the result as JSON.'}),
  };
  static examples = [
    '<%= config.bin %> validate experiments/process-freeze-inventory.yaml',
    '<%= config.bin %> validate experiments/docker-freeze-inventory.yaml --json',
  ];

  async run(): Promise<void> {
    const {argv, flags} = await this.parse(Validate, withGoOnLimit(this.argv));
    const {validateFiles} = await import('./action.js');
    const code = await validateFiles({
      files: argv.map(String),
      variables: parseVars(flags.var),
      includeFrom: flags['include-from'],
      goOnMs: parseGoOn(flags['go-on']),
      json: flags.json,
      environment: this.environment,
      out: this.out,
      err: this.err,
    });
    this.endWith(code);
  }
}
