import {randomBytes} from 'node:crypto';
import {hostname} from 'node:os';
import {resolve} from 'node:path';
import type {Machine} from '../../run/machine.js';
import type {Plan} from '../../run/plan/plan.js';
import type {Observer} from '../../run/record/observer.js';
import {runExperiment, runFolder, type RunOutcome} from '../../run/run-experiment.js';
import type {Readers} from '../../run/safety/connections.js';
import {outstanding} from '../../run/safety/debts.js';
import {startGuardian} from '../../run/safety/guardian-process.js';
import {RunState} from '../../run/safety/state.js';
import type {StopSwitch} from '../../run/stop-switch.js';
import {EXIT} from '../../system/exit-codes.js';
import type {Output} from '../../terminal/output.js';
import {listenForSignals} from './interrupts.js';

export interface Conducting {
  readonly plan: Plan;
  readonly machine: Machine;
  readonly readers: Readers;
  readonly stop: StopSwitch;
  readonly file: {readonly path: string; readonly sha256: string};
  readonly runsDir: string;
  readonly tool: string;
  readonly command: string;
  readonly observers: readonly Observer[];
  readonly err: Output;
}

/** A name for a run that sorts by time and is not taken: `20260131-235959-x7k2`. */
export function newRunName(now: Date): string {
  const digits = now.toISOString().replace(/\D/g, '');
  return `${digits.slice(0, 8)}-${digits.slice(8, 14)}-${randomBytes(2).toString('hex')}`;
}

/**
 * Second signal: nothing is skipped, the guardian does it. Says what is owed and how to make sure, and ends the process; the
 * guardian notices at once because its pipe closes.
 */
async function handOver({machine, err}: Conducting, run: string, signal: number): Promise<never> {
  const owed = outstanding(await new RunState(machine.ports, run).events().catch(() => []));
  const lines = [
    `Handed over to the guardian: ${owed.length === 0 ? 'nothing is owed' : `${owed.length} still to undo`}.`,
    ...owed.map(({undo}) => `  ${undo.ref.name}: ${undo.manual}`),
    ...(owed.length === 0 ? [] : [`Make sure with: firedrill recover ${run}`]),
  ];
  err.write(`\u001b[?25h\n${lines.join('\n')}\n`);
  process.exit(owed.length === 0 ? 128 + signal : EXIT.broken);
}

/** Runs a plan under the process's signals. Resolves with the run's name, folder and outcome. */
export async function conduct(
  request: Conducting,
): Promise<{readonly run: string; readonly folder: string; readonly outcome: RunOutcome}> {
  const {machine, plan, readers, stop, file, tool, command, observers} = request;
  const run = newRunName(new Date(machine.ports.clock.now().wall));
  const folder = runFolder(resolve(request.runsDir), run);
  using _signals = listenForSignals(process, stop, signal => void handOver(request, run, signal));
  const outcome = await runExperiment({
    plan,
    run,
    folder,
    file,
    tool,
    command,
    host: hostname(),
    ports: machine.ports,
    readers,
    redact: machine.redact,
    stop,
    startGuardian,
    observers,
  });
  return {run, folder, outcome};
}
