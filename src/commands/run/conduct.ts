import {hostname} from 'node:os';
import {resolve} from 'node:path';
import type {Machine} from '../../run/machine.js';
import type {PolicedPlan} from '../plan-file.js';
import type {Observer} from '../../record/observer.js';
import {runExperiment, runFolder, type RunOutcome} from '../../run/run-experiment.js';
import type {Readers} from '../../targets/readers.js';
import {outstanding} from '../../run/safety/debts.js';
import type {StartGuardian} from '../../run/safety/keep-alive.js';
import {RunState} from '../../run/safety/state.js';
import type {StopSwitch} from '../../run/stop-switch.js';
import {EXIT} from '../../system/exit-codes.js';
import type {Output} from '../../terminal/output.js';
import {listenForSignals} from './interrupts.js';

export interface Conducting {
  readonly run: string;
  readonly startGuardian: StartGuardian;
  readonly plan: PolicedPlan;
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

/**
 * Second signal: nothing is skipped, the guardian does it. Says what is owed and how to make sure, and ends the
 * process; the guardian notices at once because its pipe closes.
 */
async function handOver({machine, err, run}: Conducting, signal: number): Promise<never> {
  const unreadable = {events: [], unreadable: ['it cannot be read']};
  const ledger = await new RunState(machine.ports, run).readLedger().catch(() => unreadable);
  const owed = outstanding(ledger.events);
  const known = owed.length === 0 ? 'nothing is owed' : `${owed.length} still to undo`;
  const isOver = owed.length + ledger.unreadable.length === 0;
  const lines = [
    `Handed over to the guardian: ${ledger.unreadable.length === 0 ? known : 'what is owed is not known'}.`,
    ...owed.map(({undo}) => `  ${undo.ref.name}: ${undo.manual}`),
    ...(isOver ? [] : [`Make sure with: firedrill recover ${run}`]),
  ];
  err.write('\u001b[?25h\n');
  err.lines(lines);
  process.exit(isOver ? 128 + signal : EXIT.broken);
}

/** Runs a plan under the process's signals. Resolves with the run's folder and outcome. */
export async function conduct(request: Conducting): Promise<{readonly folder: string; readonly outcome: RunOutcome}> {
  const {run, startGuardian, machine, plan, readers, stop, file, tool, command, observers, err} = request;
  const folder = runFolder(resolve(request.runsDir), run);
  using _signals = listenForSignals(process, stop, signal => void handOver(request, signal));
  const outcome = await runExperiment({
    plan,
    policies: plan.policies,
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
    outputLost: err.lost,
  });
  return {folder, outcome};
}
