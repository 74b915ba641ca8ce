import type {CleanupSpec, Experiment, PreparationSpec} from '../experiment/experiment.js';
import {aroundOccurrence, type AroundStep} from '../record/around.js';
import type {LocatedChange, TargetRef} from '../targets/contract.js';
import type {Ports} from '../ports.js';
import type {Readers} from '../targets/readers.js';
import {hostRef} from './draft.js';

/** A command around the run, drafted. */
export interface AroundChange extends LocatedChange {
  readonly step: AroundStep;
  /** The command's own limit, ms. */
  readonly timeoutMs: number;
}

/** The commands around the run, each in the order in which it runs. */
export interface Around {
  readonly prepare: readonly AroundChange[];
  readonly cleanup: readonly AroundChange[];
}

/** Drafts the commands around the run. Reads nothing but what is drafted for them. */
export async function draftAround(
  {prepare = [], cleanup = []}: Experiment,
  {ports, readers}: {readonly ports: Ports; readonly readers: Readers},
): Promise<Around> {
  if (prepare.length + cleanup.length === 0) return {prepare: [], cleanup: []};
  const host = await hostRef(readers);
  const {version} = await ports.driver(host.driver);
  const {author} = (await readers.get(host.driver, {})).drafts;
  if (author === undefined) throw new Error('the driver of this machine drafts no commands');
  const located = {address: {}, driverVersion: version};
  // Each is a target of its own: what is owed on it is told by its name.
  const refOf = (step: AroundStep): TargetRef => ({...host, name: step.name, object: aroundOccurrence(step)});
  const preparing = prepare.map(async ({name, run, undo, proof}: PreparationSpec) => {
    const step: AroundStep = {kind: 'prepare', name};
    const change = await author.act(refOf(step), {do: run, undo, proof});
    return {...located, step, change, timeoutMs: run.timeoutMs};
  });
  const cleaning = cleanup.map(async ({name, run}: CleanupSpec) => {
    const step: AroundStep = {kind: 'cleanup', name};
    return {...located, step, change: await author.owe(refOf(step), {run}), timeoutMs: run.timeoutMs};
  });
  return {prepare: await Promise.all(preparing), cleanup: await Promise.all(cleaning)};
}
