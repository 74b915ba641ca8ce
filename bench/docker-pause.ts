import {execFile} from 'node:child_process';
import {promisify} from 'node:util';
import {fault} from '../src/faults/pause/index.js';
import {DockerBench} from '../test/support/docker-bench.js';
import {docker, importBusybox, removeAll, runContainer} from '../test/support/docker.js';
import {has, median, timed} from './measuring.js';

/**
 * Pauses and unpauses many containers: Firedrill (with its marks, its proof of each pause and its verified undo) beside
 * pumba where it is on PATH, and beside the docker command, which does neither. Rounds are interleaved, so that all meet
 * the same load; medians and the ratio to Firedrill are printed.
 *
 *     tsx bench/docker-pause.ts [containers=50] [rounds=5]
 */
const exec = promisify(execFile);
const count = Number(process.argv[2] ?? 50);
const rounds = Number(process.argv[3] ?? 5);
const prefix = `fd-bench-${process.pid}-`;
const names = Array.from({length: count}, (_, index) => `${prefix}${index}`);

const bench = new DockerBench();

/** As the runner does: mark, flip, prove, settle. Reader and actuators are open already, like in a run. */
async function firedrill(): Promise<Readonly<Record<string, number>>> {
  const [reader, actuator] = [await bench.reader(), await bench.actuator()];
  const changes = await bench.draft(fault, {namePattern: `${prefix}\\d+`});
  if (changes.length !== count) throw new Error(`expected ${count} containers; got ${changes.length}`);
  const debts = bench.debts(changes);
  const [mark] = await timed(() => actuator.mark(debts, 30_000));
  const [flip] = await timed(() =>
    actuator.apply(
      changes.map(change => change.flip),
      30_000,
    ),
  );
  const asked = changes.map(change => change.proof);
  const [prove, proofs] = await timed(() => reader.prove(asked, AbortSignal.timeout(30_000)));
  if (proofs.some(proof => proof.state !== 'in-force')) throw new Error('a pause is not in force');
  const [settle, settled] = await timed(() => actuator.settle(debts, 60_000));
  if (settled.some(one => one.outcome !== 'undone')) throw new Error('a pause was not undone');
  await Promise.all([reader.close(), actuator.close()]);
  return {mark, flip, prove, settle};
}

async function dockerCommand(): Promise<void> {
  await docker('pause', ...names);
  await docker('unpause', ...names);
}

async function pumba(): Promise<void> {
  await exec('pumba', ['pause', '--duration', '1ms', `re2:^${prefix}`], {timeout: 120_000});
}

const results = new Map<string, number[]>();
const note = (what: string, ms: number) => results.set(what, [...(results.get(what) ?? []), ms]);

try {
  await importBusybox();
  for (let at = 0; at < count; at += 4) {
    await Promise.all(names.slice(at, at + 4).map(name => runContainer({name, command: ['sleep', '3600']})));
  }
  const withPumba = has('pumba');
  for (let round = 0; round <= rounds; round += 1) {
    const parts = await firedrill();
    const [cli] = await timed(dockerCommand);
    const peer = withPumba ? (await timed(pumba))[0] : undefined;
    // The first round warms up all of them.
    if (round === 0) continue;
    for (const [part, ms] of Object.entries(parts)) note(`firedrill ${part}`, ms);
    note(
      'firedrill',
      Object.values(parts).reduce((sum, ms) => sum + ms, 0),
    );
    note('firedrill flip + settle', (parts['flip'] ?? 0) + (parts['settle'] ?? 0));
    note('docker', cli);
    if (peer !== undefined) note('pumba', peer);
  }
  const whole = median(results.get('firedrill') ?? [0]);
  console.log(`${count} containers paused and undone, ${rounds} interleaved rounds, medians:`);
  for (const [what, values] of results) {
    const ms = median(values);
    const range = `${Math.round(Math.min(...values))}–${Math.round(Math.max(...values))}`;
    console.log(
      `${what.padEnd(26)}${ms.toFixed(0).padStart(7)} ms  (${range})  firedrill/this ${(whole / ms).toFixed(2)}`,
    );
  }
  if (!withPumba) console.log('pumba is not on PATH');
} finally {
  await bench.close();
  await removeAll(prefix);
}
