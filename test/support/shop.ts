import {randomUUID} from 'node:crypto';
import {mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {ROOT, startFiredrill} from './cli.js';
import {freePort, until} from './processes.js';

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

/** The same for the tests of a suite: there while they run, and not where none of them is selected. */
export function suiteFolder(): {readonly path: string} {
  const path = join(tmpdir(), `firedrill-suite-${randomUUID()}`);
  before(() => mkdirSync(path));
  // A server of the suite may still write into it.
  after(() => rmSync(path, {recursive: true, force: true, maxRetries: 5, retryDelay: 200}));
  return {path};
}

/** The proxy that the experiments ask for, until the body is done. */
export async function withShopProxy(body: (environment: Record<string, string>) => Promise<void>): Promise<void> {
  const environment = await shopEnvironment();
  const at = (name: string) => `127.0.0.1:${environment[`SHOP_${name}_PORT`] ?? ''}`;
  using folder = scratchFolder();
  const config = join(folder.path, 'proxy.json');
  const connections = ['inventory', 'store'].map(name => ({
    name,
    listen: at(`${name.toUpperCase()}_PROXY`),
    upstream: at(name.toUpperCase()),
  }));
  const control = (environment['FIREDRILL_PROXY'] ?? '').replace('http://', '');
  writeFileSync(config, JSON.stringify({control, connections}));
  const {child, ended} = startFiredrill(['proxy', '--config', config]);
  try {
    await until('the proxy answers', () =>
      fetch(`http://${control}/`).then(
        () => true,
        () => false,
      ),
    );
    await body(environment);
  } finally {
    child.kill('SIGTERM');
    const {code, stderr} = await ended;
    if (code !== 0) throw new Error(`the proxy ended with ${code}: ${stderr}`);
  }
}
