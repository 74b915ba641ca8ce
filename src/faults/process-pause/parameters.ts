import * as z from 'zod';
import {choiceCheck, choiceFields} from '../inner-processes.js';

export const parameters = () =>
  z
    .strictObject(choiceFields())
    .check(choiceCheck)
    .describe('Freeze some processes inside the target: the others go on and see a neighbour that answers nothing.');
