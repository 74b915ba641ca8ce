import type {Clock} from '../../../system/clock.js';
import type {Fence} from '../../contract.js';
import type {ProxyClient} from './client.js';

/** All that an actuator works with. */
export interface ProxyContext {
  readonly client: ProxyClient;
  readonly fence: Fence;
  readonly clock: Clock;
}
