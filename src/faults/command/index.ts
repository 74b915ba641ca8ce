import {byAuthor} from '../by-author.js';
import {defineFault} from '../contract.js';
import {parameters} from './parameters.js';

export const fault = defineFault({
  name: 'command',
  summary: 'Runs commands of the author: one that breaks, one that puts back, one that proves.',
  parameters,
  ...byAuthor,
});
