import {httpFault} from '../http-forms.js';
import {connectionParameters, containerParameters} from './parameters.js';

export const fault = httpFault(
  {name: 'http-status', summary: 'Answers HTTP requests with a status, in place of the service.'},
  {connection: connectionParameters, container: containerParameters},
  p => ({
    type: 'http-status',
    status: p.status,
    headers: p.headers,
    body: p.body,
    ask: p.askService,
  }),
);
