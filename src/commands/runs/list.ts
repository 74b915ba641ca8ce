import {Flags} from '@oclif/core';
import {formatDuration} from '../../quantities/duration.js';
import {table} from '../../terminal/text.js';
import {FiredrillCommand} from '../base.js';
import {listRuns, runsDirFlag, type ListedRun} from '../runs-folder.js';

export class RunsList extends FiredrillCommand {
  static override summary = 'Lists the runs of a folder, oldest first.';
  static override flags = {
    'runs-dir': runsDirFlag,
    json: Flags.boolean({description: 'Print the list as JSON.'}),
  };
  static override examples = ['<%= config.bin %> runs list', '<%= config.bin %> runs list --json'];

  async run(): Promise<void> {
    const {flags} = await this.parse(RunsList);
    const {ports} = await this.machine();
    const runs = await listRuns(ports.disk, flags['runs-dir']);
    if (flags.json) {
      this.printJson(runs.map(({run, folder, result}) => ({run, folder, ...summaryOf(result)})));
      return;
    }
    if (runs.length === 0) this.print([`No runs in ${flags['runs-dir']}.`]);
    else this.print(table([['RUN', 'STARTED', 'TOOK', 'VERDICT', 'EXIT', 'TITLE'], ...runs.map(row)]));
  }
}

function summaryOf(result: ListedRun['result']) {
  if (result === undefined) return {verdict: null, exit: null};
  const {title, verdict, exit, startedAt, endedAt, headline} = result;
  return {title, verdict, exit, startedAt, endedAt, headline};
}

function row({run, result}: ListedRun): string[] {
  if (result === undefined) return [run, '', '', 'no result', '', 'still running, or killed: firedrill report ' + run];
  const took = formatDuration(Math.round(result.durationSeconds) * 1000);
  const started = `${result.startedAt.slice(0, 19)}Z`;
  return [run, started, took, result.verdict ?? result.end.kind, String(result.exit), result.title];
}
