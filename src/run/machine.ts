import {homedir} from 'node:os';
import {join} from 'node:path';
import {FAULTS} from '../faults/registry.generated.js';
import {FiredrillError} from '../system/error.js';
import {systemClock} from '../system/clock.js';
import {systemDisk} from '../system/files.js';
import {whyNotOurs} from '../system/ownership.js';
import {systemProcesses} from '../system/processes.js';
import {openSecrets} from '../system/secrets.js';
import {DRIVERS} from '../targets/drivers/registry.generated.js';
import type {Ports} from '../ports.js';

/** Where the user's debts are registered: `$FIREDRILL_STATE`, else the XDG state directory. */
export function stateDirectory(environment: Readonly<Record<string, string | undefined>>): string {
  const own = environment['FIREDRILL_STATE'];
  if (own !== undefined && own !== '') return own;
  const xdg = environment['XDG_STATE_HOME'];
  return join(xdg !== undefined && xdg !== '' ? xdg : join(homedir(), '.local', 'state'), 'firedrill');
}

/** Folders of the state directory whose word is acted upon. */
const PARTS = ['', 'runs', 'marks', 'leases', 'stops', 'locks', 'interposers', 'proxies', 'logs'];

/**
 * What an author's commands are run from, and processes are started from, is this user's alone.
 * @throws FiredrillError STATE_FOREIGN
 */
function demandOwn(stateDir: string): void {
  const foreign = PARTS.map(part => whyNotOurs(join(stateDir, part))).find(why => why !== undefined);
  if (foreign === undefined) return;
  throw new FiredrillError(
    'STATE_FOREIGN',
    `Expected a state directory that only this user can write to; ${foreign}. Its undos would be somebody else's commands.`,
    {hint: 'Run as the user whose directory it is, or set FIREDRILL_STATE to a folder of your own.'},
  );
}

export interface Machine {
  readonly ports: Ports;
  /** Takes every revealed secret out of a text. */
  readonly redact: (text: string) => string;
}

/**
 * Faults and drivers are loaded when a file or a debt names them: the SDKs of drivers are expensive to import.
 * @throws FiredrillError CAPABILITY_MISSING
 */
async function load<T>(what: string, registry: Readonly<Record<string, () => Promise<T>>>, name: string): Promise<T> {
  const found = Object.hasOwn(registry, name) ? registry[name] : undefined;
  if (found === undefined) throw new FiredrillError('CAPABILITY_MISSING', `No ${what} \`${name}\` in this version.`);
  return found();
}

/** The real ports of this machine. @throws FiredrillError STATE_FOREIGN */
export function openMachine(options: {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly stateDir?: string;
  readonly scratch?: string;
}): Machine {
  const {environment} = options;
  const secrets = openSecrets(environment);
  const stateDir = options.stateDir ?? stateDirectory(environment);
  demandOwn(stateDir);
  return {
    redact: secrets.redact,
    ports: {
      clock: systemClock(),
      disk: systemDisk,
      processes: systemProcesses(),
      ambient: {
        environment,
        // Not the machine's folder for temporary files: what a started process prints is nobody else's business.
        scratch: options.scratch ?? join(stateDir, 'logs'),
        stateDir,
        ...secrets,
      },
      driver: name => load('driver', DRIVERS, name),
      fault: name => load('fault', FAULTS, name),
    },
  };
}
