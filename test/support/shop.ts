import {mkdtempSync, readdirSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {ROOT} from './cli.js';
import {freePort} from './processes.js';

/** Files that are included by others are no experiments. */
export const EXPERIMENTS = readdirSync(join(ROOT, 'experiments'))
  .filter(name => name.endsWith('.yaml') && !name.endsWith('.base.yaml'))
  .sort();

/** Free ports for the shop and its proxies, as the environment variables that the experiments read. */
export async function shopEnvironment(): Promise<Record<string, string>> {
  const names = ['GATEWAY', 'CHECKOUT', 'INVENTORY', 'STORE', 'INVENTORY_PROXY', 'STORE_PROXY'];
  const environment: Record<string, string> = {};
  for (const name of names) environment[`SHOP_${name}_PORT`] = String(await freePort());
  environment['FIREDRILL_PROXY'] = `http://127.0.0.1:${await freePort()}`;
  return environment;
}

/** A folder that is gone at the end. */
export function scratchFolder(): Disposable & {readonly path: string} {
  const path = mkdtempSync(join(tmpdir(), 'firedrill-e2e-'));
  return {path, [Symbol.dispose]: () => rmSync(path, {recursive: true, force: true})};
}
