import {defineFault} from '../contract.js';
import {parameters} from './parameters.js';

export const fault = defineFault({
  name: 'io-stress',
  summary: "Keeps the target's disk busy from inside its cgroup.",
  nature: 'state',
  hits: ['container', 'process'],
  needs: ['stress'],
  parameters,
  draft: ({targets, parameters: {workers, size, path}, can, forMs}) =>
    Promise.all(targets.map(target => can.stress.io(target, {workers, bytes: size, path, forMs}))),
});
