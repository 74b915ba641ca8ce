import {signalWithin} from '../../../../../system/clock.js';
import type {JsonObject} from '../../../../../quantities/json.js';
import type {ProofAnswer, TargetRef} from '../../../../contract.js';
import {askContainer} from '../../engine/ask.js';
import type {Engine} from '../../engine/engine.js';
import {messageOf, type MutationOutcome} from '../../engine/failures.js';
import {numberArgument, textArgument, type Operation, type ContainerQuestion} from '../operation.js';

/** Runs a POSIX script in the container, with its own shell and tools: what the engine can do wherever it is. */
export function runScript(
  engine: Engine,
  ref: TargetRef,
  {script, words}: {readonly script: string; readonly words: readonly string[]},
  signal: AbortSignal,
): Promise<string> {
  return askContainer(engine, ref, ['/bin/sh', '-c', script, 'sh', ...words], signal);
}

/**
 * Words: folder, file, bytes. The shell makes the file with O_EXCL; nothing of it is left where it cannot be filled.
 */
const FILL = `cd -P "$1" && set -C && : > "$2" && set +C || exit 1
fallocate -l "$3" "$2" 2>/dev/null && exit 0
dd if=/dev/zero of="$2" bs=1048576 count=$((($3 + 1048575) / 1048576)) 2>&1 && exit 0
rm -f -- "$2"; exit 1`;
const REMOVE = 'cd -P "$1" 2>/dev/null || exit 0; rm -f -- "$2"';
const LOOK = 'cd -P "$1" 2>/dev/null && [ -f "$2" ] && [ ! -L "$2" ] || exit 0; du -k "$2"';

function wordsOf(args: JsonObject): readonly string[] {
  return [textArgument(args, 'folder'), textArgument(args, 'file'), String(numberArgument(args, 'bytes') ?? 0)];
}

/** A script that ended with a failure was refused by the container; one that was not answered may still run. */
async function carryOut(
  engine: Engine,
  op: {ref: TargetRef; args: JsonObject},
  script: string,
  budgetMs: number,
): Promise<MutationOutcome> {
  const signal = signalWithin(budgetMs);
  try {
    await runScript(engine, op.ref, {script, words: wordsOf(op.args)}, signal);
    return {state: 'done'};
  } catch (error) {
    return {state: signal.aborted ? 'unknown' : 'refused', status: undefined, why: messageOf(error)};
  }
}

export const operations: Readonly<Record<string, Operation>> = {
  'container.fill-disk-inside': {send: (engine, op, {budgetMs}) => carryOut(engine, op, FILL, budgetMs)},
  'container.remove-fill-inside': {send: (engine, op, {budgetMs}) => carryOut(engine, op, REMOVE, budgetMs)},
};

const MOSTLY = 0.95;

const hasFill: ContainerQuestion = async ({engine, view, args, signal}): Promise<ProofAnswer> => {
  if (view === 'gone') return {state: 'absent', readings: {status: 'gone'}};
  if (!view.running || view.paused) {
    const why = `its files can only be seen while it runs; it is \`${view.status}\`: start it (or unpause it)`;
    return {state: 'unknown', readings: {status: view.status}, why};
  }
  const ref = {driver: 'docker', kind: 'container', name: view.name, endpoint: engine.id, object: view.id} as const;
  const said = await runScript(
    engine,
    {...ref, incarnation: view.startedAt},
    {script: LOOK, words: wordsOf(args)},
    signal,
  );
  const kib = /^\d+/.exec(said)?.[0];
  if (kib === undefined) return {state: 'absent', readings: {file: null}};
  const [allocated, asked] = [Number(kib) * 1024, numberArgument(args, 'bytes') ?? 0];
  const readings = {file: textArgument(args, 'file'), allocated};
  if (allocated >= MOSTLY * asked) return {state: 'in-force', readings};
  return {state: 'unknown', readings, why: `the file has ${allocated} of the ${asked} bytes asked for`};
};

export const questions: Readonly<Record<string, ContainerQuestion>> = {'has-fill-inside': hasFill};
