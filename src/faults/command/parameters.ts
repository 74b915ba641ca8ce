import * as z from 'zod';
import {checkForms, command, commandFields, commandOf, undoCommand, undoOf} from '../../quantities/command.js';

export const parameters = () =>
  z
    .strictObject({
      do: command().describe('What breaks it: a list of arguments, or a string with `shell: true`.'),
      undo: undoCommand()
        .optional()
        .describe(
          'What puts it back; `{ nothing: REASON }` where `do` leaves nothing to put back (a signal that only reloads). Without either the fault is irreversible.',
        ),
      proof: command()
        .optional()
        .describe('Answers with exit code 0 while the fault is in force and 1 when it is not. Reads only.'),
      ...commandFields(' FIREDRILL_TARGET_NAME and FIREDRILL_TARGET_ID are always set.'),
    })
    .superRefine((given, context) => {
      checkForms(['do', 'undo', 'proof'], given, issue => {
        context.addIssue(issue);
      });
    })
    .transform(given => ({
      do: commandOf(given.do, given),
      ...(given.undo === undefined ? {} : {undo: undoOf(given.undo, given)}),
      ...(given.proof === undefined ? {} : {proof: commandOf(given.proof, given)}),
    }))
    .describe('The escape hatch: break, prove and put back with commands of your own. They run on this machine.');
