import {byAuthor} from '../by-author.js';
import {defineFault} from '../contract.js';
import {parameters} from './parameters.js';

export const fault = defineFault({
  name: 'http-call',
  summary: 'Sends requests of the author: one that breaks, one that puts back, one that proves.',
  parameters,
  ...byAuthor,
});
