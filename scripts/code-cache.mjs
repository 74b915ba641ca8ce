// `node scripts/code-cache.mjs`: writes the compiled code of the chunks in dist/ beside them, of those functions that the
// commands below have called. What is compiled can only be had from a process that ran it: so this one runs them.
import {mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import chunks from '../bin/chunks.js';
import {root} from './steps.mjs';

const FILE = 'experiments/process-freeze-inventory.yaml';
/** What is started often and over soon. None of them changes anything. */
const COMMANDS = [
  ['--help'],
  ['run', '--help'],
  ['runs', 'list'],
  ['recover', '--list'],
  ['validate', '--var', 'x=y', FILE],
  ['plan', FILE],
  ['plan', 'experiments/docker-freeze-inventory.yaml'],
];
/** Bytes: a smaller chunk is compiled as fast as its code is read. */
const WORTH_IT = 1_500;

const {chunksIn, engine, sealOf} = chunks;
const dist = join(root, 'dist/');
const scratch = mkdtempSync(join(tmpdir(), 'firedrill-code-'));
process.env.FIREDRILL_STATE = join(scratch, 'state');
process.env.DOCKER_HOST = `unix://${join(scratch, 'no-engine.sock')}`;
process.chdir(root);

const scripts = new Map();
const load = chunksIn(dist, (name, script) => scripts.set(name, script));
const installed = {root: `${root}/`, name: 'firedrill', version: '0.0.0', description: ''};
// What they print is of no interest here.
const {write} = process.stdout;
process.stdout.write = process.stderr.write = () => true;
try {
  await load('./validate.cjs').validateFast([FILE]);
  for (const args of COMMANDS) await load('./cli.cjs').main(args, installed);
} finally {
  process.stdout.write = write;
  rmSync(scratch, {recursive: true, force: true});
}

function put(name, contents) {
  writeFileSync(`${dist}${name}.new`, contents);
  renameSync(`${dist}${name}.new`, `${dist}${name}`);
}

let bytes = 0;
for (const [name, script] of scripts) {
  const source = readFileSync(dist + name);
  if (source.length < WORTH_IT) continue;
  const code = script.createCachedData();
  bytes += code.length;
  put(`${name.slice(0, -4)}.code`, Buffer.concat([code, sealOf(source, code)]));
}
put('engine.json', engine());
process.exitCode = 0;
console.log(`compiled code of ${scripts.size} files, ${Math.round(bytes / 1024)} KiB`);
