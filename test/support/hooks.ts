import {execFileSync} from 'node:child_process';
import {existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';

/** Everything temporary of this test process goes here, so that what a test leaves behind can be seen. */
const scratch = mkdtempSync(join(tmpdir(), 'firedrill-tests-'));
process.env['TMPDIR'] = scratch;

/** A state directory of its own: no test sees the debts of a real run. */
const state = join(scratch, 'state');
mkdirSync(state);
process.env['FIREDRILL_STATE'] = state;
/** Runs with a state of their own use the proxies of the test process too. */
process.env['FIREDRILL_PROXY_TOKENS'] = join(state, 'proxies');

/** The loader's own compiler, and folders that live as long as the test process on purpose. */
const LASTING = [/^state$/, /^node-compile-cache$/, /^tsx-/, /^firedrill-test-proxy-/];

function leftFiles(): readonly string[] {
  return readdirSync(scratch).filter(name => !LASTING.some(pattern => pattern.test(name)));
}

function leftProcesses(): readonly string[] {
  const list = `/proc/${process.pid}/task/${process.pid}/children`;
  if (!existsSync(list)) return [];
  const commands = readFileSync(list, 'utf8')
    .trim()
    .split(/\s+/)
    .filter(pid => pid !== '')
    .map(pid => {
      try {
        return `${pid} ${readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim()}`;
      } catch {
        return '';
      }
    });
  // A zombie has no command line: it is over.
  return commands.filter(command => !/^\d*\s*$/.test(command) && !command.includes('esbuild'));
}

function ask(...args: readonly string[]): string {
  return execFileSync('docker', args, {encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'], timeout: 20_000});
}

function leftContainers(): readonly string[] {
  try {
    const label = `label=dev.firedrill.test=${process.pid}`;
    const containers = ask('ps', '-a', '--filter', label, '--format', 'container {{.Names}}');
    const networks = ask('network', 'ls', '--format', 'network {{.Name}}');
    const ours = new RegExp(`-${process.pid}-\\d+$`);
    return [...containers.split('\n'), ...networks.split('\n').filter(name => ours.test(name))].filter(
      name => name !== '',
    );
  } catch {
    // No engine, no containers.
    return [];
  }
}

export const mochaHooks = {
  /** No child process, container, network or temporary file outlives the tests. */
  afterAll(this: Mocha.Context): void {
    const left = [...leftProcesses(), ...leftContainers(), ...leftFiles()];
    rmSync(scratch, {recursive: true, force: true});
    if (left.length > 0) throw new Error(`the tests left behind:\n  ${left.join('\n  ')}`);
  },
};
