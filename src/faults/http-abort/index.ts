import {httpFault} from '../http-forms.js';
import {connectionParameters, containerParameters} from './parameters.js';

export const fault = httpFault(
  {name: 'http-abort', summary: 'Ends the connections of HTTP requests without a whole response.'},
  {connection: connectionParameters, container: containerParameters},
  p => ({
    type: 'http-abort',
    at: p.when,
    by: p.by,
  }),
);
