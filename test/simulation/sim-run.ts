import type {Experiment, FaultSpec} from '../../src/experiment/experiment.js';
import {planExperiment} from '../../src/plan/plan.js';
import {reservedElsewhere} from '../../src/run/safety/reserve.js';
import {runExperiment, type RunOutcome} from '../../src/run/run-experiment.js';
import {Readers} from '../../src/targets/readers.js';
import {guard, type GuardianLink} from '../../src/run/safety/guardian.js';
import type {GuardianHandle} from '../../src/run/safety/keep-alive.js';
import {listOwed, recoverRun} from '../../src/run/safety/recover.js';
import {RunState} from '../../src/run/safety/state.js';
import {StopSwitch} from '../../src/run/stop-switch.js';
import type {SimMachine} from './sim-machine.js';

export const RUN = 'sim-run';
const redact = (text: string) => text;

export function faultSpec(name: string, fault: string, overrides: Partial<FaultSpec> = {}): FaultSpec {
  return {
    name,
    fault,
    parameters: {},
    targets: ['all'],
    forMs: 10_000,
    after: {from: 'baseline', ms: 0},
    heal: 'default',
    keep: false,
    ...overrides,
  };
}

/** An experiment over everything in the memory world; it measures nothing, because only safety is simulated. */
export function simExperiment(faults: readonly FaultSpec[]): Experiment {
  return {
    version: 1,
    title: 'simulated',
    tags: [],
    sources: {},
    load: {},
    steadyState: [],
    guards: [],
    faults,
    targets: {all: {name: 'all', driver: 'memory', selector: {}, select: {mode: 'all'}}},
    windows: {warmupMs: 1_000, baselineMs: 2_000, recoveryMs: 5_000},
    expect: {recovery: {withinMs: 5_000}, checks: [], verdict: 'held'},
    safety: {maxTargets: 10, maxShare: 1, irreversible: 'refuse'},
  };
}

/** A switchback over everything in the memory world; the runs are planned with seed 1, which draws its order. */
export function simSwitchback(fault: FaultSpec, blocks: number, blockMs: number): Experiment {
  return {...simExperiment([{...fault, forMs: blockMs}]), switchback: {blocks, blockMs, washoutMs: 0}};
}

/** The guardian's pipe: the handle is the runner's end, the link the guardian's. */
function pipe(
  machine: SimMachine,
  guardian: string,
  runner: string,
): {link: GuardianLink; handle: GuardianHandle; over: () => void} {
  const signs: ('beat' | 'bye' | 'closed')[] = [];
  const {clock} = machine.ports(guardian);
  let over: () => void = () => undefined;
  const ended = new Promise<void>(resolve => (over = resolve));
  machine.whenDead(guardian, over);
  machine.whenDead(runner, () => signs.push('closed'));
  return {
    over,
    link: {
      next: async timeoutMs => {
        if (signs.length === 0) await clock.sleep(Math.min(timeoutMs, 250));
        return signs.shift() ?? 'silence';
      },
    },
    handle: {
      pid: 1,
      beat: () => void signs.push('beat'),
      bye: async () => {
        signs.push('bye');
        await ended;
      },
      ended,
    },
  };
}

export interface Simulated {
  outcome?: RunOutcome;
  failed?: unknown;
  /** Guardians that are at work; `undefined` answers of `guard` count as ended. */
  guardians: number;
  readonly stop: StopSwitch;
}

/** Starts runner and guardian on the machine; they go on as virtual time runs. */
export function startRun(machine: SimMachine, experiment: Experiment): Simulated {
  const simulated: Simulated = {guardians: 0, stop: new StopSwitch()};
  const ports = machine.ports('runner');
  let guardianCount = 0;
  const startGuardian = (): Promise<GuardianHandle> => {
    const name = `guardian-${++guardianCount}`;
    const {link, handle, over} = pipe(machine, name, 'runner');
    const guardianPorts = machine.ports(name);
    simulated.guardians++;
    machine.whenDead(name, () => simulated.guardians--);
    void guard({ports: guardianPorts, state: new RunState(guardianPorts, RUN), link, redact}).finally(() => {
      simulated.guardians--;
      over();
    });
    return Promise.resolve(handle);
  };
  const readers = new Readers(ports);
  const work = async () => {
    const plan = await planExperiment({
      experiment,
      fileSha256: '',
      ports,
      readers,
      seed: 1,
      signal: simulated.stop.signal,
      reservedElsewhere: targets => reservedElsewhere(ports, targets),
    });
    if (plan.refusals.length > 0) throw plan.refusals[0]!;
    simulated.outcome = await runExperiment({
      plan,
      run: RUN,
      folder: '/runs/sim-run',
      file: {path: 'sim.yaml', sha256: ''},
      tool: 'sim',
      command: 'sim',
      host: 'sim',
      ports,
      readers,
      redact,
      stop: simulated.stop,
      startGuardian,
      observers: [],
    });
  };
  work().catch((error: unknown) => (simulated.failed = error));
  return simulated;
}

/** What `recover` does on this machine: returns the debts that are still owed afterwards. */
export async function recoverAll(machine: SimMachine, client: string): Promise<{stillOwed: number; live: number}> {
  const ports = machine.ports(client);
  let stillOwed = 0;
  let live = 0;
  for (const owed of await listOwed(ports, [], new AbortController().signal)) {
    if (owed.live) live++;
    else stillOwed += (await recoverRun(ports, owed, {force: false, redact})).owed.length;
  }
  return {stillOwed, live};
}
