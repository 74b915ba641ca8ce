import * as z from 'zod';
import {checkForms, command, commandFields, commandOf, undoCommand, undoOf} from '../../quantities/command.js';
import {name} from './fields.js';

/** One entry of `prepare`. Whether it may be without `undo` is known with the rest of the file. */
const preparation = () =>
  z
    .strictObject({
      name: name().describe('What it does, as plan, timeline and report call it.'),
      run: command().describe('The command: a list of arguments, or a string with `shell: true`.'),
      undo: undoCommand()
        .optional()
        .describe(
          'What puts it back at the end of the run, whoever ends it; `{ nothing: REASON }` where there is nothing to put back. Required without `safety: { irreversible: allow }`.',
        ),
      proof: command()
        .optional()
        .describe('Answers with exit code 0 while it is prepared and 1 when it is not (any more). Reads only.'),
      ...commandFields(),
    })
    .superRefine((given, context) => {
      checkForms(['run', 'undo', 'proof'], given, issue => {
        context.addIssue(issue);
      });
    })
    .transform(given => ({
      name: given.name,
      run: commandOf(given.run, given),
      ...(given.undo === undefined ? {} : {undo: undoOf(given.undo, given)}),
      ...(given.proof === undefined ? {} : {proof: commandOf(given.proof, given)}),
    }));

const cleaning = () =>
  z
    .strictObject({
      name: name().describe('What it does, as plan, timeline and report call it.'),
      run: command().describe('The command: a list of arguments, or a string with `shell: true`. It must bear being run again.'),
      ...commandFields('', 'it'),
    })
    .superRefine((given, context) => {
      checkForms(['run'], given, issue => {
        context.addIssue(issue);
      });
    })
    .transform(given => ({name: given.name, run: commandOf(given.run, given)}));

/** Commands around the run. */
export const aroundFields = () => ({
  prepare: z
    .array(preparation())
    .max(100)
    .default([])
    .describe(
      'Commands that run on this machine before anything is checked, sent or measured, one after the other: seed, dump, start a script. Each is undone at the end of the run.',
    ),
  cleanup: z
    .array(cleaning())
    .max(100)
    .default([])
    .describe(
      'Commands that run on this machine at the end of the run, whoever ends it, one after the other. They are owed before `prepare` begins.',
    ),
});
