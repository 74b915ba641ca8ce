import type {Engine} from '../engine/engine.js';
import type {EntranceKind} from './entrance.js';
import {runInScratch} from './helper.js';
import {notRun, type Ran} from '../../../linux/entrance.js';
import {quoteForShell} from '../../shell-words.js';
import {Shell} from './shell.js';

/** In a namespace of this machine that ends with the script. */
async function unshared(script: string, signal: AbortSignal): Promise<Ran> {
  signal.throwIfAborted();
  const shell = new Shell();
  const kill = () => void shell.kill();
  signal.addEventListener('abort', kill, {once: true});
  try {
    const ran = await shell.run(`unshare -n -- sh -c ${quoteForShell(script)}`);
    await shell.close();
    return ran;
  } finally {
    signal.removeEventListener('abort', kill);
  }
}

/**
 * Runs a script as root in a new, empty network namespace on the engine's host, the same way containers are entered: to
 * try what the kernel and the tools there can do. Nothing of it is left.
 */
export async function runAside(
  engine: Engine,
  entrance: EntranceKind,
  script: string,
  signal: AbortSignal,
): Promise<Ran> {
  switch (entrance.kind) {
    case 'none':
      return notRun(entrance.why);
    case 'nsenter':
      return unshared(script, signal);
    case 'helper':
      return runInScratch(engine, entrance.image, script, signal);
  }
}
