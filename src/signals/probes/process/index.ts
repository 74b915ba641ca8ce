import {existsSync} from 'node:fs';
import {FiredrillError} from '../../../system/error.js';
import {identityOf, isAlive, type ProcessIdentity} from '../../../system/processes.js';
import type {TargetRef} from '../../../targets/contract.js';
import type {OpenProbe, ProbeContext, ProbedTarget, ProbeSource, Reading} from '../../contract.js';
import {noValue} from '../../missing.js';
import {parameters, type Parameters} from './parameters.js';
import {cpuSeconds, residentBytes} from './usage.js';

interface Use {
  readonly who: ProcessIdentity;
  readonly cpuSeconds: number;
  /** When it was read, ms. */
  readonly at: number;
}

class ProcessProbe implements OpenProbe {
  readonly perSubject = true;
  /** The process that each object meant when it was last looked for. */
  private readonly known = new Map<string, ProcessIdentity>();
  private readonly before = new Map<string, Use>();

  constructor(
    private readonly target: ProbedTarget,
    private readonly measure: Parameters['measure'],
  ) {}

  async read(signal: AbortSignal): Promise<readonly Reading[]> {
    signal.throwIfAborted();
    const {refs} = this.target;
    await this.findMissing(signal);
    const names = refs.map(ref => ref.name);
    return Promise.all(
      refs.map(async ref => {
        const unique = names.indexOf(ref.name) === names.lastIndexOf(ref.name);
        return {...(await this.readOne(ref)), subject: unique ? ref.name : `${ref.name} (${ref.object})`};
      }),
    );
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  /** Looks for the present processes of the targets, if one that was known has ended (or none was known yet). */
  private async findMissing(signal: AbortSignal): Promise<void> {
    const {refs, reader, selector} = this.target;
    const alive = await Promise.all(
      refs.map(async ({object}) => {
        const who = this.known.get(object);
        return who !== undefined && (await isAlive(who));
      }),
    );
    if (!alive.includes(false)) return;
    this.known.clear();
    for (const {ref, details} of await reader.resolve(selector, signal)) {
      const who = await identityOf(Number(details['pid'] ?? 0));
      if (who !== undefined) this.known.set(ref.object, who);
    }
  }

  private async readOne({object}: TargetRef): Promise<Reading> {
    const who = this.known.get(object);
    if (this.measure === 'running') return {value: who === undefined ? 0 : 1};
    if (who === undefined) return noValue('stopped', 'the process is not running');
    if (this.measure === 'cpu') return this.readCpu(object, who);
    const value = await residentBytes(who.pid);
    return value === undefined ? noValue('stopped', 'the process has ended') : {value};
  }

  private async readCpu(object: string, who: ProcessIdentity): Promise<Reading> {
    const seconds = await cpuSeconds(who.pid);
    if (seconds === undefined) return noValue('stopped', 'the process has ended');
    const at = performance.now();
    const before = this.before.get(object);
    this.before.set(object, {who, cpuSeconds: seconds, at});
    if (before?.who.pid !== who.pid || before.who.startTicks !== who.startTicks)
      return noValue('first', 'first read of this process: nothing to compare with yet');
    return {value: (seconds - before.cpuSeconds) / ((at - before.at) / 1000)};
  }
}

function open({of, measure}: Parameters, {targets}: ProbeContext): OpenProbe {
  const target = targets[of];
  if (target === undefined || target.refs.length === 0 || target.refs.some(ref => ref.driver !== 'process'))
    throw new FiredrillError('PROBE_UNUSABLE', `Expected the name of a process target; got \`${of}\`.`);
  if (measure !== 'running' && !existsSync('/proc/self/stat'))
    throw new FiredrillError('PROBE_UNUSABLE', `Expected /proc for \`measure: ${measure}\`; this system has none.`, {
      hint: 'Use the probe `command` with `ps`.',
    });
  return new ProcessProbe(target, measure);
}

export const source: ProbeSource = {
  name: 'process',
  summary: 'CPU, memory or existence of a process on this machine.',
  parameters,
  opens: {anew: 'nothing is connected: it reads `/proc`', kept: 'nothing'},
  open: (given, context) => Promise.resolve().then(() => open(given as Parameters, context)),
};
