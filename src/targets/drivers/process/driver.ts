import type {JsonObject} from '../../../quantities/json.js';
import {systemClock} from '../../../system/clock.js';
import {runCommand, type EndedCommand} from '../../../system/commands.js';
import {machineId} from '../../../system/processes.js';
import type {Ambient, DriverFolder, Reader} from '../../contract.js';
import {openLocalMarks} from '../local-marks.js';
import {diagnoseProcesses} from './diagnosis.js';
import {processActuator} from './actuator.js';
import {draftContext, draftsFor} from './drafts.js';
import {innerDrafts} from './inner-drafts.js';
import {excerpt} from '../../../system/secrets.js';
import {logPathOf} from './launch.js';
import {addressOf, identityFrom} from './objects.js';
import {VERSION} from './operations.js';
import {facetsOf, readProof} from './proofs.js';
import {resolveProcesses} from './resolve.js';
import {lookAround} from './surroundings.js';

/** The standard output. @throws where the command was cut off, killed, or ended with another code than 0. */
function printedBy({exitCode, signal, stdout, stderr, tooMuch}: EndedCommand, {redact}: Ambient): string {
  if (tooMuch) throw new Error('the command printed more than 1MiB');
  if (exitCode === 0) return stdout;
  const how = signal === null ? `ended with code ${String(exitCode)}` : `was killed by ${signal}`;
  throw new Error(`the command ${how}: ${excerpt(stderr || stdout, 300, redact)}`);
}

/** Processes of this machine. The address holds how to start them again, so that every reader drafts alike. */
export const driver: DriverFolder = {
  name: 'process',
  kinds: ['process'],
  reference: {title: 'process', frame: ['shop.base.yaml', 'shop-direct.base.yaml']},
  version: VERSION,
  address: selector => addressOf(selector),
  diagnose: () => Promise.resolve(diagnoseProcesses()),
  provisions: ({start, pidFile, port, name}) =>
    start !== undefined && pidFile === undefined && port === undefined && name === undefined,
  reader: (address, ambient) => Promise.resolve(processReader(address, ambient)),
  actuator: (_address, fence, ambient) => Promise.resolve(processActuator(fence, ambient)),
};

function processReader(address: JsonObject, ambient: Ambient): Reader {
  const clock = systemClock();
  const marks = openLocalMarks(ambient.stateDir, 'process');
  const bench = draftContext(address, ambient);
  return {
    endpoint: machineId(),
    drafts: {...draftsFor(bench), processes: innerDrafts(bench)},
    resolve: (selector, signal) => {
      signal.throwIfAborted();
      return resolveProcesses(selector, ambient);
    },
    ask: async (ref, [file = '', ...args], signal) => {
      const pid = identityFrom(ref.incarnation)?.pid;
      const environment = {
        ...ambient.environment,
        FIREDRILL_TARGET_NAME: ref.name,
        FIREDRILL_TARGET_PID: String(pid ?? ''),
      };
      return printedBy(await runCommand({file, args, environment}, signal), ambient);
    },
    log: ref => ({file: () => logPathOf(ref.object, ambient)}),
    prove: proofs => Promise.all(proofs.map(proof => readProof(proof, ambient, clock))),
    facets: async refs =>
      Object.fromEntries(await Promise.all(refs.map(async ref => [ref.object, await facetsOf(ref, ambient)] as const))),
    ...(process.platform === 'linux' ? {around: (refs, _since, signal) => lookAround(refs, ambient, signal)} : {}),
    debts: run => marks.debts(run),
    unreadable: () => marks.unreadable(),
    stopRequested: run => marks.stopRequested(run),
    problems: () =>
      Promise.resolve(
        process.platform === 'linux'
          ? []
          : ['Processes are recognised only to the second on this system: it has no /proc.'],
      ),
    close: () => Promise.resolve(),
  };
}
