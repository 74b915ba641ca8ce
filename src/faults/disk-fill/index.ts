import {defineFault} from '../contract.js';
import {parameters} from './parameters.js';

export const fault = defineFault({
  name: 'disk-fill',
  summary: "Fills the target's file system with one file.",
  nature: 'state',
  hits: ['container', 'process'],
  needs: ['disk'],
  parameters,
  draft: ({targets, parameters: {size, share, path, margin}, can}) =>
    Promise.all(targets.map(target => can.disk.fill(target, {bytes: size, share, path, marginBytes: margin}))),
});
