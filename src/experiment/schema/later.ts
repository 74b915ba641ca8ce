/**
 * What the format knows by name and this version cannot do: refused with what to use meanwhile, and in the JSON Schema.
 * As soon as a folder with the name exists, the catalogue has it and its row here no longer counts.
 */
const COMMAND = 'use the fault `command` with your own `do`, `undo` and `proof`';
const PROXY = 'put a `firedrill proxy` into the connection and select it as `proxy` target';

export const LATER_FAULTS: Readonly<Record<string, string>> = {
  evict: 'use `delete` on the pod',
  'rollout-restart': COMMAND,
  'node-cordon': COMMAND,
  'node-drain': COMMAND,
  'node-taint': COMMAND,
  'config-change': COMMAND,
  'http-call': 'use the fault `command` with curl',
  'chaos-mesh': COMMAND,
};

export const LATER_PROBES: Readonly<Record<string, string>> = {};

/** Drivers on which a fault is to work later (DESIGN section 6); the others will never have it. */
export const LATER_DRIVERS: Readonly<Record<string, readonly string[]>> = {
  kill: ['kubernetes'],
  'process-kill': ['kubernetes'],
  'process-pause': ['kubernetes'],
  restart: ['kubernetes'],
  'network-latency': ['kubernetes'],
  'network-bandwidth': ['kubernetes'],
  'network-loss': ['kubernetes'],
  'network-partition': ['kubernetes'],
  'network-corruption': ['kubernetes'],
  'network-duplication': ['kubernetes'],
  'network-reordering': ['kubernetes'],
};

/** What to do about a fault that does not hit this driver's targets yet. */
export function insteadOfDriver(fault: string): string {
  return fault.startsWith('network-') ? PROXY : COMMAND;
}
