import {inProxy, inToxiproxy} from '../connection-reference.js';
import type {FaultReference} from '../reference.js';

export const reference: FaultReference = {
  on: {
    proxy: inProxy(
      'limit-data-DIRECTION',
      'so many bytes pass in this direction, then the connection ends in the middle of whatever it was.',
      'connections that were cut short',
    ),
    toxiproxy: inToxiproxy(
      'limit_data',
      '`bytes`, for each connection.',
      '`direction: both` together with a `share` is refused: the server draws each stream by itself.',
    ),
  },
  examples: [
    {
      on: 'proxy',
      title: 'Answers of the store that are cut short',
      fault: `name: cut short
limit-data: { bytes: 100B }
targets: [to store]
for: 10s`,
    },
  ],
};
