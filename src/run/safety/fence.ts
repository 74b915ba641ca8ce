import type {Fence} from '../../targets/contract.js';
import type {RunState} from './state.js';

/** The fence of one epoch: `live` answers from the last look (drivers ask it before each request). */
export interface RunFence extends Fence {
  /** Looks on the disk. Never rejects: a disk that cannot be read takes nobody's run away. */
  refresh(): Promise<boolean>;
}

export function openFence(state: RunState, epoch: number): RunFence {
  let live = true;
  return {
    run: state.run,
    epoch,
    live: () => live,
    refresh: async () => {
      const owner = await state.owner().catch(() => undefined);
      // Once lost it stays lost, whatever happens to the folder.
      if (owner !== undefined && owner.epoch > epoch) live = false;
      return live;
    },
  };
}
