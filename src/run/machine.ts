import {homedir} from 'node:os';
import {join} from 'node:path';
import type {AnyFault} from '../faults/contract.js';
import {FAULTS} from '../faults/registry.generated.js';
import {FiredrillError} from '../system/error.js';
import {systemClock} from '../system/clock.js';
import {systemDisk} from '../system/files.js';
import {systemProcesses} from '../system/processes.js';
import {openSecrets} from '../system/secrets.js';
import {loadDriver} from '../targets/drivers/registry.js';
import type {Ports} from './ports.js';

/** Where the user's debts are registered: `$FIREDRILL_STATE`, else the XDG state directory. */
export function stateDirectory(environment: Readonly<Record<string, string | undefined>>): string {
  const own = environment['FIREDRILL_STATE'];
  if (own !== undefined && own !== '') return own;
  const xdg = environment['XDG_STATE_HOME'];
  return join(xdg !== undefined && xdg !== '' ? xdg : join(homedir(), '.local', 'state'), 'firedrill');
}

export interface Machine {
  readonly ports: Ports;
  /** Takes every revealed secret out of a text. */
  readonly redact: (text: string) => string;
}

/** Faults are loaded when a file names them. @throws FiredrillError CAPABILITY_MISSING. */
async function loadFault(name: string): Promise<AnyFault> {
  const load = FAULTS[name];
  if (load === undefined) throw new FiredrillError('CAPABILITY_MISSING', `No fault \`${name}\` in this version.`);
  return load();
}

/** The real ports of this machine. */
export function openMachine(options: {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly stateDir?: string;
  readonly scratch?: string;
}): Machine {
  const {environment} = options;
  const secrets = openSecrets(environment);
  const stateDir = options.stateDir ?? stateDirectory(environment);
  return {
    redact: text => secrets.redact(text),
    ports: {
      clock: systemClock(),
      disk: systemDisk,
      processes: systemProcesses(),
      ambient: {
        environment,
        // Not the machine's folder for temporary files: what a started process prints is nobody else's business.
        scratch: options.scratch ?? join(stateDir, 'logs'),
        stateDir,
        reveal: text => secrets.reveal(text),
      },
      driver: loadDriver,
      fault: loadFault,
    },
  };
}
