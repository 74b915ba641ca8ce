import type {Mode} from './mode.js';

/** Every mode by name; only the one that is asked for is loaded. */
export const MODES: Readonly<Record<string, () => Promise<Mode>>> = {
  dns: async () => (await import('./dns-mode.js')).dnsMode,
  http: async () => (await import('./http-mode.js')).httpMode,
};
