import type {Fence} from '../../targets/contract.js';
import type {RunState} from './state.js';

/** The fence of one epoch. `refresh` asks the disk; `live` answers from the last look (drivers ask it before each request). */
export interface RunFence extends Fence {
  refresh(): Promise<boolean>;
}

export function openFence(state: RunState, epoch: number): RunFence {
  let live = true;
  return {
    run: state.run,
    epoch,
    live: () => live,
    refresh: async () => {
      const owner = await state.owner();
      // Once lost it stays lost, whatever happens to the folder.
      if (owner !== undefined && owner.epoch > epoch) live = false;
      return live;
    },
  };
}
