import * as Flags from '@oclif/core/flags';
import {resolve} from 'node:path';
import {isOf} from '../../history/filters.js';
import {registerOf, STATES} from '../../history/findings/register.js';
import {readResolutions} from '../../history/findings/resolutions.js';
import {registerLines, registerMarkdown} from '../../history/findings/told.js';
import {listRuns} from '../../history/runs.js';
import {FiredrillCommand} from '../base.js';
import {runsDirFlag} from '../runs-folder.js';

export class Findings extends FiredrillCommand {
  static description =
    'Without --state: what is open or recurring. A finding is fixed when a later run of the same experiment, with the same faults and loads, could have shown it and did not; resolved when a person says so; open again when it comes back.';
  static flags = {
    state: Flags.string({
      multiple: true,
      multipleNonGreedy: true,
      options: [...STATES],
      default: ['open', 'recurring'],
      description: 'Only findings in this state.',
    }),
    experiment: Flags.string({
      helpValue: 'TITLE-OR-FILE',
      description: 'Only of runs whose title has these words, or of this file.',
    }),
    format: Flags.string({options: ['terminal', 'markdown'], default: 'terminal', description: 'How it is told.'}),
    json: Flags.boolean({description: 'Print the findings as JSON.'}),
    'runs-dir': runsDirFlag,
  };
  static examples = [
    '<%= config.bin %> findings',
    '<%= config.bin %> findings --state fixed --state resolved --format markdown',
  ];

  async run(): Promise<void> {
    const {flags} = await this.parse(Findings);
    const {ports} = await this.machine();
    const {experiment} = flags;
    const runs = await listRuns(flags['runs-dir']);
    const chosen = runs.filter(run => experiment === undefined || isOf(run, experiment));
    const {resolutions, unreadable} = await readResolutions(ports.disk, resolve(flags['runs-dir']));
    if (unreadable > 0) this.err.lines([`warning: ${unreadable} line(s) of resolved-findings.ndjson cannot be read`]);
    const all = registerOf(
      chosen.flatMap(({summary}) => summary ?? []),
      resolutions,
    );
    const findings = all.filter(({state}) => flags.state.includes(state));
    if (flags.json) this.printJson(findings);
    else if (flags.format === 'markdown') this.out.write(registerMarkdown(findings));
    else if (findings.length > 0) this.print(registerLines(findings));
    else this.print([`None of ${all.length} findings in ${chosen.length} runs is ${flags.state.join(' or ')}.`]);
  }
}
