import * as Flags from '@oclif/core/flags';
import {formatDuration} from '../../quantities/duration.js';
import {table} from '../../terminal/text.js';
import {FiredrillCommand} from '../base.js';
import {listRuns, runsDirFlag, type ListedRun} from '../runs-folder.js';

export class RunsList extends FiredrillCommand {
  static flags = {
    'runs-dir': runsDirFlag,
    json: Flags.boolean({description: 'Print the list as JSON.'}),
  };
  static examples = ['<%= config.bin %> runs list', '<%= config.bin %> runs list --json'];

  async run(): Promise<void> {
    const {flags} = await this.parse(RunsList);
    const {ports} = await this.machine();
    const runs = await listRuns(ports.disk, flags['runs-dir']);
    if (flags.json) {
      this.printJson(runs.map(summaryOf));
      return;
    }
    if (runs.length === 0) this.print([`No runs in ${flags['runs-dir']}.`]);
    else this.print(table([['RUN', 'STARTED', 'TOOK', 'VERDICT', 'EXIT', 'TITLE'], ...runs.map(row)]));
  }
}

function summaryOf({run, folder, result, title, startedAt}: ListedRun) {
  const head = {run, folder, title, startedAt};
  if (result === undefined) return {...head, verdict: null, exit: null};
  const {verdict, exit, endedAt, headline} = result;
  return {...head, verdict, exit, endedAt, headline};
}

function row({run, result, title = '', startedAt}: ListedRun): string[] {
  const started = startedAt === undefined ? '' : `${startedAt.slice(0, 19)}Z`;
  if (result === undefined) {
    return [run, started, '', 'no result', '', `${title} (still running, or killed: firedrill report ${run})`];
  }
  const took = formatDuration(Math.round(result.durationSeconds) * 1000);
  return [run, started, took, result.verdict ?? result.end.kind, String(result.exit), title];
}
