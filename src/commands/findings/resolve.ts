import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import {resolve} from 'node:path';
import {registerOf} from '../../history/findings/register.js';
import {readResolutions, resolveFinding} from '../../history/findings/resolutions.js';
import {listRuns} from '../../history/runs.js';
import {FiredrillError} from '../../system/error.js';
import {FiredrillCommand} from '../base.js';
import {runsDirFlag} from '../runs-folder.js';

export class FindingsResolve extends FiredrillCommand {
  static args = {
    id: Args.string({ignoreStdin: true, required: true, description: 'Id of a finding, or the beginning of one.'}),
  };
  static flags = {
    by: Flags.string({required: true, helpValue: 'NAME', description: 'Who says so.'}),
    why: Flags.string({required: true, helpValue: 'TEXT', description: 'What was done about it, or why it may stay.'}),
    'runs-dir': runsDirFlag,
    json: Flags.boolean({description: 'Print the finding as JSON.'}),
  };
  static examples = ['<%= config.bin %> findings resolve 1a2b3c --by ada --why accepted'];

  async run(): Promise<void> {
    const {args, flags} = await this.parse(FindingsResolve);
    const {ports, redact} = await this.machine();
    const runsDir = resolve(flags['runs-dir']);
    const summaries = (await listRuns(runsDir)).flatMap(({summary}) => summary ?? []);
    const {resolutions} = await readResolutions(ports.disk, runsDir);
    const matching = registerOf(summaries, resolutions).filter(({id}) => id.startsWith(args.id));
    const [finding] = matching;
    if (finding === undefined || matching.length > 1) {
      const found = matching.length === 0 ? 'there is none' : `${matching.length} findings begin with it`;
      throw new FiredrillError('BAD_USAGE', `Expected the id of one finding; for \`${args.id}\` ${found}.`, {
        hint: matching.length === 0 ? 'firedrill findings' : matching.map(({id}) => id).join(', '),
      });
    }
    const said = {by: redact(flags.by), why: redact(flags.why), at: ports.clock.now().wall};
    await resolveFinding(ports.disk, runsDir, {id: finding.id, ...said});
    if (flags.json) this.printJson({...finding, state: 'resolved', resolution: {id: finding.id, ...said}});
    else this.print([`Resolved ${finding.id}: ${finding.title}. It is open again when a later run has it.`]);
  }
}
