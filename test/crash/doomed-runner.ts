// A runner that dies where it is told to: bundled and started by the crash tests. Arguments: a JSON object, see
// `Orders`.
import {readFileSync} from 'node:fs';
import {setTimeout as delay} from 'node:timers/promises';
import {parseExperiment} from '../../src/experiment/parse.js';
import {openMachine} from '../../src/run/machine.js';
import {planExperiment, type Plan} from '../../src/plan/plan.js';
import type {Ports} from '../../src/ports.js';
import {runExperiment} from '../../src/run/run-experiment.js';
import {Readers} from '../../src/targets/readers.js';
import {startGuardian} from '../../src/run/safety/guardian-process.js';
import {StopSwitch} from '../../src/run/stop-switch.js';
import type {Actuator} from '../../src/targets/contract.js';
import {isStep, Steps, UNDER_WAY_MS, type Step} from './step.js';

export interface Orders {
  readonly file: string;
  readonly stateDir: string;
  readonly folder: string;
  readonly run: string;
  /** At which step to die; none: a whole run. */
  readonly dieAt?: Step;
  /** Whom to kill there. */
  readonly kill?: 'runner' | 'both';
}

/** What a whole run says at its end. */
export interface Told {
  readonly ended: {readonly kind: string; readonly detail: string};
  readonly owed: number;
  readonly steps: readonly Step[];
  /**
   * The driver's operations that brought the fault about and put it back: faults that share them fail in the same ways.
   */
  readonly mechanism: string;
}

const orders = JSON.parse(process.argv[2] ?? '{}') as Orders;
const steps = new Steps();
let guardian = 0;

/** The end of this process, where it was ordered. */
function passing(name: string): void {
  if (steps.next(name) !== orders.dieAt) return;
  if (orders.kill === 'both') process.kill(guardian, 'SIGKILL');
  process.kill(process.pid, 'SIGKILL');
}

/** A call to the world, with the steps on its way. */
async function stepping<T>(name: string, call: () => Promise<T>): Promise<T> {
  passing(`${name} sent`);
  const answer = call();
  let passed = 0;
  for (const [step, ms] of Object.entries(UNDER_WAY_MS)) {
    await Promise.race([answer, delay(ms - passed)]);
    passed = ms;
    passing(`${name} ${step}`);
  }
  await answer;
  passing(`${name} answered`);
  return answer;
}

/** The ports, with steps on everything that changes the world. */
function observed(ports: Ports): Ports {
  const around = (actuator: Actuator): Actuator => ({
    endpoint: actuator.endpoint,
    mark: (...given) => stepping('mark', () => actuator.mark(...given)),
    apply: (ops, budgetMs) => {
      const prepares = changes.some(({prepare}) => prepare?.op === ops[0]?.op);
      return stepping(prepares ? 'prepare' : 'flip', () => actuator.apply(ops, budgetMs));
    },
    renew: (...given) => actuator.renew(...given),
    settle: (...given) => stepping('settle', () => actuator.settle(...given)),
    forget: debts => actuator.forget(debts),
    requestStop: run => actuator.requestStop(run),
    close: () => actuator.close(),
  });
  return {
    ...ports,
    driver: async name => {
      const driver = await ports.driver(name);
      return {
        ...driver,
        actuator: async (...given) => around(await driver.actuator(...given)),
      };
    },
  };
}

const changesOf = (plan: Plan) => plan.occurrences.flatMap(({changes: located}) => located.map(({change}) => change));

function mechanismOf(plan: Plan): string {
  const words = changesOf(plan).map(({prepare, flip, undo}) =>
    [flip.ref.driver, prepare?.op, flip.op, 'op' in undo ? undo.op : 'irreversible'].filter(Boolean).join(' '),
  );
  return [...new Set(words)].sort().join(', ');
}

const parsed = parseExperiment({
  file: orders.file,
  content: readFileSync(orders.file),
  environment: process.env,
  variables: {},
});
if (parsed.experiment === undefined) throw new Error(JSON.stringify(parsed.problems));
const machine = openMachine({environment: process.env, stateDir: orders.stateDir, scratch: orders.folder});
const ports = observed(machine.ports);
const readers = new Readers(ports);
const stop = new StopSwitch();
const plan = await planExperiment({
  // Nothing is measured: what is tested is safety, on machines that are busy with other tests.
  experiment: {...parsed.experiment, steadyState: []},
  fileSha256: '',
  ports,
  readers,
  seed: 1,
  signal: stop.signal,
  reservedElsewhere: () => Promise.resolve(new Map()),
});
if (plan.refusals[0] !== undefined) throw plan.refusals[0];
const changes = changesOf(plan);
const outcome = await runExperiment({
  plan,
  run: orders.run,
  folder: orders.folder,
  file: {path: orders.file, sha256: ''},
  tool: 'crash test',
  command: '',
  host: 'here',
  ports,
  readers,
  redact: machine.redact,
  stop,
  startGuardian: async (stateDir, run) => {
    const handle = await startGuardian(stateDir, run);
    guardian = handle.pid;
    return handle;
  },
  observers: [
    {
      event: ({type}) => {
        if (isStep(type)) passing(type);
      },
    },
  ],
});
await readers.close();
const told: Told = {
  ended: outcome.ended,
  owed: outcome.owed.length,
  steps: steps.all,
  mechanism: mechanismOf(plan),
};
console.log(JSON.stringify(told));
