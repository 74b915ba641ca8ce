import {httpFault} from '../http-forms.js';
import {connectionParameters, containerParameters} from './parameters.js';

export const fault = httpFault(
  {name: 'http-body', summary: 'Changes headers and body of HTTP responses.'},
  {connection: connectionParameters, container: containerParameters},
  p => ({
    type: 'http-body',
    set: p.setHeaders,
    remove: p.removeHeaders.map(name => name.toLowerCase()),
    body: p.body,
    replace: p.replace,
    json: p.json,
  }),
);
