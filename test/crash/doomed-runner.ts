// A runner that dies where it is told to: bundled and started by the crash tests. Arguments: a JSON object, see `Orders`.
import {readFileSync} from 'node:fs';
import {parseExperiment} from '../../src/experiment/parse.js';
import {openMachine} from '../../src/run/machine.js';
import {planExperiment} from '../../src/run/plan/plan.js';
import {runExperiment} from '../../src/run/run-experiment.js';
import {Readers} from '../../src/run/safety/connections.js';
import {startGuardian} from '../../src/run/safety/guardian-process.js';
import {StopSwitch} from '../../src/run/stop-switch.js';
import {isStep} from './step.js';

export interface Orders {
  readonly file: string;
  readonly stateDir: string;
  readonly folder: string;
  readonly run: string;
  /** At which step to die, from 0; none: a whole run. */
  readonly dieAt?: number;
  /** Whom to kill there. */
  readonly kill?: 'runner' | 'guardian' | 'both';
  /** Stop oneself (SIGSTOP) instead of dying. */
  readonly freeze?: boolean;
}

const orders = JSON.parse(process.argv[2] ?? '{}') as Orders;
const parsed = parseExperiment({
  file: orders.file,
  content: readFileSync(orders.file),
  environment: process.env,
  variables: {},
});
if (parsed.experiment === undefined) throw new Error(JSON.stringify(parsed.problems));
const {ports, redact} = openMachine({environment: process.env, stateDir: orders.stateDir, scratch: orders.folder});
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
});
if (plan.refusals[0] !== undefined) throw plan.refusals[0];
let guardian = 0;
let steps = 0;
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
  redact,
  stop,
  startGuardian: async (stateDir, run) => {
    const handle = await startGuardian(stateDir, run);
    guardian = handle.pid;
    return handle;
  },
  observers: [
    {
      event: ({type}) => {
        if (!isStep(type) || ++steps - 1 !== orders.dieAt) return;
        if (orders.kill !== 'runner') process.kill(guardian, 'SIGKILL');
        if (orders.freeze === true) process.kill(process.pid, 'SIGSTOP');
        else if (orders.kill !== 'guardian') process.kill(process.pid, 'SIGKILL');
      },
    },
  ],
});
await readers.close();
console.log(JSON.stringify({ended: outcome.ended, owed: outcome.owed.length, events: true}));
