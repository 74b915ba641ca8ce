import {FiredrillError} from '../../system/error.js';
import {defineFault} from '../contract.js';
import {parameters} from './parameters.js';

export const fault = defineFault({
  name: 'delete',
  summary: 'Deletes the pod: its controller, where it has one, must create another and bring it to readiness.',
  nature: 'event',
  hits: ['pod'],
  needs: ['workload'],
  parameters,
  draft: async ({targets, parameters: {grace}, can, heal}) => {
    if (heal === 'undo')
      throw new FiredrillError(
        'TARGET_UNSUITABLE',
        'A deleted pod cannot be put back by Firedrill: expected `heal: platform` for `delete`; got `undo`',
        {hint: 'remove `heal`, or take a workload down for a while with `scale: { replicas: 0 }`'},
      );
    const graceSeconds = grace === undefined ? undefined : Math.ceil(grace / 1000);
    return Promise.all(targets.map(target => can.workload.delete(target, {graceSeconds})));
  },
});
