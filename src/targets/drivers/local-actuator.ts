import {describeError} from '../../system/error.js';
import type {Applied, Debt, Fence, Marked, Op} from '../contract.js';
import type {LocalMarks} from './local-marks.js';

const TAKEN_OVER = 'this run was taken over by someone else';

/** Marks one debt, unless the fence is dead or the disk fails. */
export async function markLocally(marks: LocalMarks, fence: Fence, debt: Debt): Promise<Marked> {
  if (!fence.live()) return {debt: debt.id, state: 'failed', why: TAKEN_OVER};
  try {
    return await marks.mark(debt);
  } catch (error) {
    return {debt: debt.id, state: 'failed', why: describeError(error)};
  }
}

/** Carries out one operation, unless the fence is dead. */
export function applyLocally(fence: Fence, op: Op, act: () => Promise<Applied>): Promise<Applied> {
  return fence.live() ? act() : Promise.resolve({op, state: 'refused', why: TAKEN_OVER});
}
