import type {Occurrence} from '../../experiment/timeline.js';
import {describeError} from '../../system/error.js';
import type {Reapply} from './hold.js';
import type {RunContext} from '../context.js';
import type {LocatedChange} from '../../targets/contract.js';
import {inject, type Injection} from './occurrence.js';

/** Drafts the occurrence anew for the targets of these changes. */
type Redraft = (lost: readonly LocatedChange[]) => Promise<readonly LocatedChange[]>;

/**
 * Injects an occurrence again into the targets that lost it; its debts are numbered behind those that it has already.
 */
export function reapplier(
  context: RunContext,
  occurrence: Occurrence,
  draft: Redraft,
  first: Pick<Injection, 'firstDebt' | 'forMs'>,
): Reapply {
  let {firstDebt} = first;
  const said = new Set<string>();
  // A target that is gone for good is a finding of the run, not its end; said once, because it is tried again and
  // again.
  const warn = (error: unknown) => {
    const text = `${occurrence.id} could not be applied again: ${describeError(error)}`;
    if (!said.has(text)) context.record.event({type: 'noted', level: 'warning', text});
    said.add(text);
  };
  return async lost => {
    const changes = await draftPossible(draft, lost, warn);
    if (changes.length === 0) return undefined;
    const numbered = {occurrence: occurrence.id, forMs: first.forMs, firstDebt};
    firstDebt += changes.length;
    try {
      const again = await inject(context, numbered, changes);
      return again.state === 'in-force' ? again : undefined;
    } catch (error) {
      warn(error);
      return undefined;
    }
  };
}

/**
 * All of them together; where that fails, each target alone: one that is gone must not keep the others without the
 * fault.
 */
async function draftPossible(
  draft: Redraft,
  lost: readonly LocatedChange[],
  warn: (error: unknown) => void,
): Promise<readonly LocatedChange[]> {
  const byTarget = new Map<string, LocatedChange[]>();
  for (const one of lost) {
    const {object} = one.change.target;
    byTarget.set(object, [...(byTarget.get(object) ?? []), one]);
  }
  try {
    return await draft(lost);
  } catch (error) {
    if (byTarget.size === 1) warn(error);
  }
  if (byTarget.size === 1) return [];
  const drafted = await Promise.allSettled([...byTarget.values()].map(part => draft(part)));
  for (const one of drafted) if (one.status === 'rejected') warn(one.reason);
  return drafted.flatMap(one => (one.status === 'fulfilled' ? one.value : []));
}
