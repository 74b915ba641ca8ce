import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import {FiredrillError} from '../../system/error.js';
import {FiredrillCommand} from '../base.js';
import {FAULT_PAGE, readSections, sectionOf} from './page.js';
import {skeleton, whereIn} from './skeleton.js';

export class New extends FiredrillCommand {
  static description =
    'Prints an experiment with this fault to start from: the parameters that it can have stand in it as comments. Put your own names where it says so, and check it with `firedrill validate`.';
  static args = {fault: Args.string({required: true, description: 'Name of a fault; `firedrill faults` lists them.'})};
  static flags = {
    on: Flags.string({helpValue: 'DRIVER', description: 'Kind of target: docker, process, proxy, kubernetes, …'}),
  };
  static examples = ['<%= config.bin %> new pause', '<%= config.bin %> new network-latency --on proxy'];

  async run(): Promise<void> {
    const {args, flags} = await this.parse(New);
    const section = sectionOf(await readSections(this.installed.root, FAULT_PAGE), args.fault, FAULT_PAGE);
    const where = whereIn(section);
    const on = flags.on ?? where[0] ?? '';
    if (!where.includes(on)) {
      const hint = `\`${args.fault}\` has an example on ${where.join(', ')}`;
      throw new FiredrillError('BAD_USAGE', `Expected \`--on\` with one of ${where.join(', ')}; got \`${on}\`.`, {
        hint,
      });
    }
    this.print(skeleton(args.fault, section, on));
  }
}
