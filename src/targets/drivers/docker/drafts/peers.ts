import {FiredrillError} from '../../../../system/error.js';
import {parseAddressBlock, type AddressBlock} from '../../../packets.js';
import type {ContainerView} from '../container.js';
import type {Engine} from '../engine.js';

/** The addresses that a filter names, as each container would resolve them. */
export function peersOf(
  _engine: Engine,
  views: readonly ContainerView[],
  addresses: readonly string[],
): Promise<readonly (readonly AddressBlock[])[]> {
  const blocks = addresses.map(address => {
    const block = parseAddressBlock(address);
    if (block === undefined) throw new FiredrillError('TARGET_UNSUITABLE', `\`${address}\` cannot be resolved`);
    return block;
  });
  return Promise.resolve(views.map(() => blocks));
}
