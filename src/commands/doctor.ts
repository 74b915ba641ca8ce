import * as Flags from '@oclif/core/flags';
import {access, constants} from 'node:fs/promises';
import {dirname, resolve} from 'node:path';
import type {Ports} from '../ports.js';
import {describeError, FiredrillError} from '../system/error.js';
import {listOwed} from '../run/safety/recover.js';
import {EXIT} from '../system/exit-codes.js';
import {DRIVERS} from '../targets/drivers/registry.generated.js';
import type {Diagnosis} from '../targets/diagnosis.js';
import {wrap} from '../terminal/text.js';
import {FiredrillCommand} from './base.js';
import {notifiedByMachine} from './configuration.js';
import {readPolicies} from './policies.js';
import {runsDirFlag} from './runs-folder.js';

const LOOK_MS = 30_000;

export class Doctor extends FiredrillCommand {
  static description =
    'Looks at the state directory, the folder of the runs, policy and configuration, rights and tools, the Docker engine with what its kernel can do to packets, and the kubeconfig. Tries things in a network namespace that is thrown away. Ends with 6 where something is still owed, else with 0: what is missing is only needed by some faults.';
  static flags = {
    'runs-dir': runsDirFlag,
    json: Flags.boolean({description: 'Print what was found as JSON.'}),
  };
  static examples = ['<%= config.bin %> doctor'];

  async run(): Promise<void> {
    const {flags} = await this.parse(Doctor);
    const {ports} = await this.machine();
    const signal = AbortSignal.timeout(LOOK_MS);
    const node: Diagnosis = {what: 'Node', state: 'works', found: process.version};
    const owed = await owedBefore(ports, signal);
    const found = [
      {what: 'Firedrill', state: 'works', found: this.installed.version} satisfies Diagnosis,
      node,
      owed,
      await folderOfRuns(flags['runs-dir']),
      ...(await machineFiles(ports)),
      ...(await Promise.all(Object.keys(DRIVERS).map(name => byDriver(ports, name, signal)))).flat(),
    ];
    if (flags.json) this.printJson(found);
    else this.print(found.flatMap(one => this.lines(one)));
    this.endWith(owed.state === 'missing' ? EXIT.broken : 0);
  }

  private lines({what, state, found, advice}: Diagnosis): readonly string[] {
    const {style, columns} = this.out;
    const signs = {works: style.green('✔'), limited: style.yellow('!'), missing: style.red('✘')};
    const [first = '', ...rest] = wrap(`${style.bold(what)}: ${found}`, columns, '  ');
    const about = advice === undefined ? [] : wrap(advice, columns, '    ').map(line => style.dim(line));
    return [`${signs[state]} ${first.trimStart()}`, ...rest, ...about];
  }
}

/** `missing` where something is owed, or nobody can tell. */
async function owedBefore(ports: Ports, signal: AbortSignal): Promise<Diagnosis> {
  const what = 'state directory';
  const owed = (await listOwed(ports, [], signal)).filter(
    ({live, debts, unknown}) => !live && debts.length + unknown.length > 0,
  );
  const {stateDir} = ports.ambient;
  if (owed.length === 0) return {what, state: 'works', found: `${stateDir}; nothing is owed`};
  const found = `${stateDir}; still owed by ${owed.map(({run}) => run).join(', ')}`;
  return {what, state: 'missing', found, advice: 'Put it back: firedrill recover'};
}

async function folderOfRuns(folder: string): Promise<Diagnosis> {
  const what = 'folder of the runs';
  // It is made with the first run: until then what is above it counts.
  for (let path = resolve(folder); ; path = dirname(path)) {
    try {
      await access(path, constants.W_OK);
      return {what, state: 'works', found: resolve(folder)};
    } catch (error) {
      const isAbsent = error instanceof Error && 'code' in error && error.code === 'ENOENT';
      if (isAbsent && path !== dirname(path)) continue;
      const advice = 'Give `run` another one: --runs-dir PATH';
      return {what, state: 'missing', found: `${path}: ${describeError(error)}`, advice};
    }
  }
}

/** What holds for every run here. */
async function machineFiles(ports: Ports): Promise<readonly Diagnosis[]> {
  const policy = await looked('policy', async () => {
    const files = (await readPolicies(ports)).map(({file}) => file);
    return files.length === 0 ? 'none: the limits of each file count alone' : files.join(', ');
  });
  const notified = await looked('configuration', async () => {
    const places = await notifiedByMachine(ports);
    return places.length === 0 ? 'nobody is told of every run' : `${places.length} told of every run`;
  });
  return [policy, notified];
}

async function looked(what: string, look: () => Promise<string>): Promise<Diagnosis> {
  try {
    return {what, state: 'works', found: await look()};
  } catch (error) {
    const advice = error instanceof FiredrillError ? error.hint : undefined;
    const found = describeError(error).split('\n', 1)[0] ?? '';
    return {what, state: 'missing', found, ...(advice === undefined ? {} : {advice})};
  }
}

async function byDriver(ports: Ports, name: string, signal: AbortSignal): Promise<readonly Diagnosis[]> {
  try {
    const driver = await ports.driver(name);
    return (await driver.diagnose?.(ports.ambient, signal)) ?? [];
  } catch (error) {
    return [{what: name, state: 'missing', found: describeError(error)}];
  }
}
