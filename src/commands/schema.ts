import * as Flags from '@oclif/core/flags';
import {readFile} from 'node:fs/promises';
import {join} from 'node:path';
import {FiredrillCommand} from './base.js';

const FILES = {
  experiment: 'experiment.schema.json',
  policy: 'policy.schema.json',
  config: 'config.schema.json',
  result: 'result.schema.json',
} as const;

export class Schema extends FiredrillCommand {
  static description =
    'In an experiment file, the first line `# yaml-language-server: $schema=PATH` makes editors complete and check it.';
  static flags = {
    of: Flags.option({
      options: ['experiment', 'policy', 'config', 'result'] as const,
      default: 'experiment' as const,
      description: 'Which schema: of experiment files, of policies, of configurations, or of result.json.',
    })(),
  };
  static examples = ['<%= config.bin %> schema', '<%= config.bin %> schema --of result'];

  async run(): Promise<void> {
    const {flags} = await this.parse(Schema);
    this.out.write(await readFile(join(this.installed.root, 'schema', FILES[flags.of]), 'utf8'));
  }
}
