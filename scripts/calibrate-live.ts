/* `npm run calibrate:live`: real runs against the demo shop in which nothing is broken. Whatever they call `deviated` is a false alarm, and ends
 * this with 1, and so do too few runs that could be judged. Writes its part of docs/calibration.md.
 *
 *   --runs 50       how many judged ones, of twice as many at most; --parallel 2 of them at a time
 *   --window 30     seconds of baseline and of fault, each; --resize 90 as many at most where these could not answer
 *   --fault         a real fault instead: shows that one would be found. Writes no document.
 *   --folder DIR    keep the records there, beside those that are there already; default: a temporary folder, removed at the end
 *   --judge DIR     run nothing; judge the records in there again */
import {execFileSync} from 'node:child_process';
import {mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join, resolve} from 'node:path';
import {parseArgs} from 'node:util';
import {writePart} from './calibrate/document.js';
import {judgeSeries} from './calibrate/live/outcomes.js';
import {readNote, ROOT, runSeries} from './calibrate/live/series.js';
import {deviatedOf, judgedOf, liveText, tables} from './calibrate/live/text.js';

const {values} = parseArgs({
  options: {
    runs: {type: 'string', default: '50'},
    parallel: {type: 'string', default: '2'},
    window: {type: 'string', default: '30'},
    resize: {type: 'string', default: '90'},
    fault: {type: 'boolean', default: false},
    folder: {type: 'string'},
    judge: {type: 'string'},
  },
});

const scratch = mkdtempSync(join(tmpdir(), 'firedrill-calibrate-'));
const folder = resolve(values.judge ?? values.folder ?? scratch);
try {
  execFileSync(process.execPath, ['scripts/build.mjs'], {cwd: ROOT});
  if (values.judge === undefined) {
    const kind = values.fault ? 'something' : 'nothing';
    const series = {
      kind,
      folder,
      runs: Number(values.runs),
      attempts: 2 * Number(values.runs),
      parallel: Number(values.parallel),
      windowSeconds: Number(values.window),
      resizeSeconds: Number(values.resize),
    } as const;
    await runSeries(series, (n, code) => console.log(`run ${n} ended with ${code}`));
  }
  const [note, outcomes] = [readNote(folder), await judgeSeries(folder)];
  console.log(tables(outcomes));
  if (note.kind === 'nothing') console.log(`wrote ${writePart('live', liveText(note, outcomes))}`);
  const judged = judgedOf(outcomes).length;
  if (judged < note.runs) console.log(`Only ${judged} of ${note.runs} runs could be judged: this machine is too busy.`);
  process.exitCode = deviatedOf(outcomes).length === 0 && judged >= note.runs ? 0 : 1;
} finally {
  rmSync(scratch, {recursive: true, force: true});
}
