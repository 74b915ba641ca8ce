import {Args, Flags} from '@oclif/core';
import {FiredrillCommand} from '../base.js';
import {parseVars, varFlag} from '../experiment-flags.js';

export class Validate extends FiredrillCommand {
  static override summary = 'Checks experiment files offline: all problems at once, with line, column and what to do.';
  static override description =
    'Touches nothing and looks nothing up. Prints the timeline and what would be measured. Ends with 0, or with 2 when a file has problems.';
  static override strict = false;
  static override args = {file: Args.string({required: true, description: 'Experiment files (YAML or JSON).'})};
  static override usage = 'validate FILE... [--var NAME=VALUE] [--json]';
  static override flags = {
    var: varFlag,
    json: Flags.boolean({description: 'Print the result as JSON.'}),
  };
  static override examples = [
    '<%= config.bin %> validate experiments/process-freeze-inventory.yaml',
    '<%= config.bin %> validate experiments/docker-freeze-inventory.yaml --json',
  ];

  async run(): Promise<void> {
    const {argv, flags} = await this.parse(Validate);
    const {validateFiles} = await import('./action.js');
    const code = validateFiles({
      files: argv.map(String),
      variables: parseVars(flags.var),
      json: flags.json,
      environment: this.environment,
      out: this.out,
      err: this.err,
    });
    this.endWith(code);
  }
}
