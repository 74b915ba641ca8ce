import {httpFault} from '../http-forms.js';
import {connectionParameters, containerParameters} from './parameters.js';

export const fault = httpFault(
  {name: 'http-latency', summary: 'Delays HTTP requests.'},
  {connection: connectionParameters, container: containerParameters},
  p => ({
    type: 'http-latency',
    delayMs: p.delay,
    jitterMs: p.jitter,
  }),
);
