import {execFile} from 'node:child_process';
import {promisify} from 'node:util';
import {fault} from '../src/faults/network-partition/index.js';
import {DockerBench} from '../test/support/docker-bench.js';
import {importBusybox, removeAll, runContainer} from '../test/support/docker.js';
import {importHelper} from '../test/support/helper-image.js';
import {has, median, timed} from './measuring.js';

/**
 * Cuts many containers off from everyone and puts them back: by `nsenter`, by helper containers, and beside pumba where
 * it is on PATH. `confirmed` is from the request to the proof of the last container: prepare, flip and proof, as a run
 * counts it; the marks come before and are shown beside it. Rounds are interleaved, so that all meet the same load;
 * medians and ranges are printed.
 *
 *     tsx bench/partition.ts [containers=50] [rounds=5] [helper rounds=1]
 */
const exec = promisify(execFile);
const count = Number(process.argv[2] ?? 50);
const rounds = Number(process.argv[3] ?? 5);
const helperRounds = Number(process.argv[4] ?? 1);
const prefix = `fd-bench-${process.pid}-`;
const names = Array.from({length: count}, (_, index) => `${prefix}${index}`);

/** As the runner does it. Reader and actuators are open already, like in a run. */
async function firedrill(bench: DockerBench): Promise<Readonly<Record<string, number>>> {
  const [reader, actuator] = [await bench.reader(), await bench.actuator()];
  const [draft, changes] = await timed(() => bench.draft(fault, {namePattern: `${prefix}\\d+`}));
  if (changes.length !== count) throw new Error(`expected ${count} containers; got ${changes.length}`);
  const debts = bench.debts(changes);
  const [mark] = await timed(() => actuator.mark(debts, 30_000));
  const apply = async (step: 'prepare' | 'flip') => {
    const applied = await actuator.apply(
      changes.flatMap(change => change[step] ?? []),
      120_000,
    );
    const refused = applied.find(one => one.state !== 'done');
    if (refused !== undefined) throw new Error(`${step}: ${refused.why ?? refused.state}`);
  };
  const [prepare] = await timed(() => apply('prepare'));
  const [flip] = await timed(() => apply('flip'));
  const asked = changes.map(change => change.proof);
  const [prove, proofs] = await timed(() => reader.prove(asked, AbortSignal.timeout(120_000)));
  if (proofs.some(proof => proof.state !== 'in-force')) throw new Error(`not in force: ${JSON.stringify(proofs[0])}`);
  const [settle, settled] = await timed(() => actuator.settle(debts, 120_000));
  if (settled.some(one => one.outcome !== 'undone')) throw new Error('a partition was not undone');
  await Promise.all([reader.close(), actuator.close()]);
  return {draft, mark, prepare, flip, prove, confirmed: prepare + flip + prove, settle};
}

/** How long it leaves the containers cut off: that is its task, not its cost. */
const PUMBA_HOLDS_MS = 1_000;

async function pumba(): Promise<void> {
  // From the image that is here already: a machine without a registry has no other.
  const image = ['--iptables-image', helperImage, '--pull-image=false'];
  const loss = ['loss', '--mode', 'random', '--probability', '1.0', `re2:^${prefix}`];
  await exec('pumba', ['iptables', '--duration', `${PUMBA_HOLDS_MS}ms`, ...image, ...loss], {timeout: 120_000});
}

const results = new Map<string, number[]>();
const note = (what: string, ms: number) => results.set(what, [...(results.get(what) ?? []), ms]);
const helperImage = await importHelper();
const benches = {
  nsenter: new DockerBench({enter: 'nsenter'}),
  helper: new DockerBench({enter: 'helper', helperImage}),
};

try {
  await importBusybox();
  for (let at = 0; at < count; at += 4) {
    await Promise.all(names.slice(at, at + 4).map(name => runContainer({name, command: ['sleep', '3600']})));
  }
  const withPumba = has('pumba');
  for (let round = 0; round <= rounds; round += 1) {
    const ways = (['nsenter', 'helper'] as const).filter(
      way => way === 'nsenter' || (round > 0 && round <= helperRounds),
    );
    for (const way of ways) {
      const parts = await firedrill(benches[way]);
      // The first round warms up.
      if (round > 0) for (const [part, ms] of Object.entries(parts)) note(`${way} ${part}`, ms);
    }
    if (withPumba && round > 0) note('pumba, cut and put back', (await timed(pumba))[0] - PUMBA_HOLDS_MS);
  }
  const base = median(results.get('nsenter confirmed') ?? [0]);
  console.log(`${count} containers cut off and put back, ${rounds} rounds, medians:`);
  for (const [what, values] of results) {
    const ms = median(values);
    const range = `${Math.round(Math.min(...values))}–${Math.round(Math.max(...values))}`;
    const ratio = what.endsWith('confirmed') || what.startsWith('pumba') ? `  ${(ms / base).toFixed(1)}×` : '';
    console.log(`${what.padEnd(26)}${ms.toFixed(0).padStart(7)} ms  (${range})${ratio}`);
  }
  if (!withPumba) console.log('pumba is not on PATH');
} finally {
  await Promise.all(Object.values(benches).map(bench => bench.close()));
  await removeAll(prefix);
}
