import {join} from 'node:path';
import type {AuthorCommand} from '../../src/targets/contract.js';
import {driver} from '../../src/targets/drivers/command/driver.js';
import {freshAmbient} from '../support/processes.js';
import {describeDriver, type FaultCase, type Stage} from './driver-contract.js';

/** The commands work on a file in the folder of the present test. */
let folder = '';

function command(...run: string[]): AuthorCommand {
  return {run, shell: false, environment: {FOLDER: folder}, timeoutMs: 5_000};
}

function shell(script: string): AuthorCommand {
  return {...command(script), shell: true};
}

const open = (): Promise<Stage> => {
  const ambient = freshAmbient();
  folder = ambient.folder;
  return Promise.resolve({
    ambient,
    selector: {},
    missing: {object: 'no such thing'},
    // This machine cannot vanish: its undo is carried out all the same.
    vanish: () => Promise.resolve(),
    close: () => {
      ambient.dispose();
      return Promise.resolve();
    },
  });
};

const withProof: FaultCase = {
  name: 'command with a proof',
  vanished: ['undone'],
  draft: (can, ref) =>
    can.author!.act(ref, {
      do: shell('touch "$FOLDER/broken"'),
      undo: command('rm', '-f', join(folder, 'broken')),
      proof: shell('test -e "$FOLDER/broken"'),
    }),
};

const withoutProof: FaultCase = {
  name: 'command without a proof',
  vanished: ['undone'],
  draft: (can, ref) =>
    can.author!.act(ref, {
      do: command('touch', join(folder, 'broken')),
      undo: command('rm', join(folder, 'broken')),
      proof: undefined,
    }),
};

describeDriver('command', {
  driver,
  open,
  cases: [withProof, withoutProof],
  noRestart: 'a command changes this machine',
});
