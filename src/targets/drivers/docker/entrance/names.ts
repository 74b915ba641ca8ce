import type {Engine} from '../engine/engine.js';
import {entranceOf, type Enterable} from './entrance.js';
import {quoteForShell} from '../../shell-words.js';

const HEADER = '== name ';

/** Each name behind a line of its own, then an address a line. One that does not resolve has none. */
function lookUps(names: readonly string[], getent: string): string {
  const one = `echo "${HEADER}$name"; timeout 3 ${getent} ahosts "$name" | while read -r address rest; do echo "$address"; done`;
  return `export RES_OPTIONS='timeout:1 attempts:2'; for name in ${names.map(quoteForShell).join(' ')}; do ${one}; done`;
}

/**
 * A script that resolves the names as the container would: with its resolver and its hosts file. A helper container is
 * given both by the engine; from this machine they are read through /proc and laid over our own, for this script only.
 */
export function resolvingScript(engine: Engine, view: Enterable, names: readonly string[]): string {
  if (names.length === 0) return ':';
  if (entranceOf(engine, view).kind !== 'nsenter') return lookUps(names, 'getent');
  const file = (name: string) =>
    `cat /proc/${view.pid}/root/etc/${name} >/tmp/${name} && mount --bind /tmp/${name} /etc/${name}`;
  const inner = `mount -t tmpfs none /tmp && ${file('resolv.conf')} && ${file('hosts')} && { ${lookUps(names, "getent -s 'hosts:files dns'")}; }`;
  return `unshare -m sh -c ${quoteForShell(inner)}`;
}

/** Reads the output of such a script: the addresses of each name. */
export function resolvedNames(output: string): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>();
  let addresses: string[] = [];
  for (const line of output.split('\n')) {
    if (line.startsWith(HEADER)) {
      addresses = [];
      found.set(line.slice(HEADER.length), addresses);
    } else if (line !== '' && !addresses.includes(line)) {
      // A link-local address carries its zone; rules know none.
      addresses.push(line.replace(/%.*$/, ''));
    }
  }
  return found;
}
