import {parentPort, workerData} from 'node:worker_threads';
import {systemClock} from '../../system/clock.js';
import {describeError, FiredrillError} from '../../system/error.js';
import {revealWith} from '../../system/secrets.js';
import {startLoad} from './generator.js';
import type {LoadNews, LoadWork} from './thread.js';
import {SharedTotals} from './totals.js';
import {LoadWrites, memoryOfWrites} from './writes.js';

/**
 * The thread of one load: generates it until it is told to stop. What it does not expect ends it, and its starter hears
 * of that.
 */
async function main(): Promise<void> {
  const {spec, secrets, table, totals} = workerData as LoadWork;
  const say = (news: LoadNews, handedOver: readonly ArrayBuffer[] = []) =>
    parentPort?.postMessage(news, [...handedOver]);
  const kept = new LoadWrites();
  try {
    const load = await startLoad({
      spec,
      table,
      reveal: revealWith(secrets),
      clock: systemClock(),
      onSecond: second => say({second}),
      totals: new SharedTotals(totals),
      writes: kept,
    });
    const end = () => {
      const writes = kept.all();
      say({writes}, memoryOfWrites(writes));
      say('stopped');
    };
    parentPort?.once('message', () => void load.stop().then(end));
    say('started');
  } catch (error) {
    if (!(error instanceof FiredrillError)) throw error;
    const {code, message, hint, cause} = error;
    say({refused: {code, message, hint, cause: cause === undefined ? undefined : describeError(cause)}});
  }
}

await main();
