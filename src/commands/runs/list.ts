import * as Flags from '@oclif/core/flags';
import {filtered, parseSince, wordOf} from '../../history/filters.js';
import {listRuns} from '../../history/runs.js';
import type {ListedRun} from '../../history/summary.js';
import {formatDuration} from '../../quantities/duration.js';
import {table} from '../../terminal/text.js';
import {FiredrillCommand} from '../base.js';
import {runsDirFlag} from '../runs-folder.js';

export class RunsList extends FiredrillCommand {
  static flags = {
    verdict: Flags.string({
      multiple: true,
      multipleNonGreedy: true,
      helpValue: 'WORD',
      description: 'Only runs with this verdict (held, deviated, inconclusive, none) or end (not-steady, guard, …).',
    }),
    experiment: Flags.string({
      helpValue: 'TITLE-OR-FILE',
      description: 'Only runs whose title has these words, or of this file.',
    }),
    since: Flags.string({
      helpValue: '7d',
      description: 'Only runs that started since then: a time span, or a day in UTC.',
    }),
    target: Flags.string({
      helpValue: 'NAME',
      description: 'Only runs that selected a target whose name has this in it.',
    }),
    limit: Flags.integer({min: 1, helpValue: 'N', description: 'Only the newest N of them.'}),
    'runs-dir': runsDirFlag,
    json: Flags.boolean({description: 'Print the list as JSON.'}),
  };
  static examples = [
    '<%= config.bin %> runs list',
    '<%= config.bin %> runs list --verdict deviated --since 7d',
    '<%= config.bin %> runs list --experiment experiments/process-freeze-inventory.yaml --limit 10 --json',
  ];

  async run(): Promise<void> {
    const {flags} = await this.parse(RunsList);
    const {ports} = await this.machine();
    const {verdict, experiment, since, target, limit} = flags;
    const sinceMs = since === undefined ? undefined : parseSince(since, Date.parse(ports.clock.now().wall));
    const all = await listRuns(flags['runs-dir']);
    const runs = filtered(all, {verdicts: verdict, experiment, sinceMs, target, limit});
    if (flags.json) this.printJson(runs.map(shapeOf));
    else if (all.length === 0) this.print([`No runs in ${flags['runs-dir']}.`]);
    else if (runs.length === 0) this.print([`None of the ${all.length} runs in ${flags['runs-dir']} is like that.`]);
    else this.print(table([['RUN', 'STARTED', 'TOOK', 'VERDICT', 'EXIT', 'TITLE'], ...runs.map(row)]));
  }
}

function shapeOf({run, folder, summary, title, startedAt, file, targets}: ListedRun) {
  const head = {run, folder, title, startedAt, file, targets};
  if (summary === undefined) return {...head, verdict: null, exit: null};
  const {verdict, exit, end, severity, endedAt, headline} = summary;
  return {...head, verdict, exit, end, severity, endedAt, headline};
}

function row(listed: ListedRun): string[] {
  const {run, summary, title = '', startedAt} = listed;
  const started = startedAt === undefined ? '' : `${startedAt.slice(0, 19)}Z`;
  if (summary === undefined) {
    const why = `${title} (still running, or killed: firedrill report ${run})`;
    return [run, started, '', wordOf(listed), '', why];
  }
  const took = formatDuration(Math.round(summary.durationSeconds) * 1000);
  return [run, started, took, wordOf(listed), String(summary.exit), title];
}
