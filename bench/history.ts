/**
 * How long a list of many runs takes: `node_modules/.bin/tsx bench/history.ts [runs]`. Makes that many run folders (10,000)
 * of the golden record in a scratch folder, lists them once without summaries for a sample, and three times with them.
 */
import {mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {listRuns} from '../src/history/runs.js';
import {systemRunFiles, type RunFiles} from '../src/history/run-files.js';

const GOLDEN = 'test/fixtures/records/v1-process-freeze';
const count = Number(process.argv[2] ?? 10_000);
const scratch = mkdtempSync(join(tmpdir(), 'firedrill-bench-history-'));

const counted = {looks: 0, reads: 0, bytes: 0};
const counting: RunFiles = {
  names: folder => systemRunFiles.names(folder),
  look: path => {
    counted.looks++;
    return systemRunFiles.look(path);
  },
  read: (path, most) => {
    const text = systemRunFiles.read(path, most);
    counted.reads++;
    counted.bytes += text?.length ?? 0;
    return text;
  },
};

async function timed(name: string): Promise<void> {
  const start = performance.now();
  const runs = await listRuns(scratch, counting);
  const took = performance.now() - start;
  console.log(`${name}: ${runs.length} runs in ${took.toFixed(0)} ms; ${JSON.stringify(counted)}`);
  Object.assign(counted, {looks: 0, reads: 0, bytes: 0});
}

try {
  const parts = ['events', 'samples', 'load'].map(
    name => [name, readFileSync(join(GOLDEN, `${name}.ndjson`))] as const,
  );
  const make = (i: number, summary?: string) => {
    const folder = join(scratch, `20260101-${String(i).padStart(6, '0')}-abcd`);
    mkdirSync(folder);
    for (const [name, content] of parts) writeFileSync(join(folder, `${name}.ndjson`), content);
    if (summary !== undefined) writeFileSync(join(folder, 'summary.json'), summary);
    return folder;
  };
  const first = make(0);
  await timed('judged from the record');
  const summary = readFileSync(join(first, 'summary.json'), 'utf8');
  for (let i = 1; i < count; i++) make(i, summary);
  for (let round = 1; round <= 3; round++) await timed(`with summaries, round ${round}`);
} finally {
  rmSync(scratch, {recursive: true});
}
