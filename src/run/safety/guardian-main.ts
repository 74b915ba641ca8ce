import {openMachine} from '../machine.js';
import {guard, type GuardianLink} from './guardian.js';
import {RunState} from './state.js';

/**
 * Turns standard input into the guardian's link: `.` is a beat, `q` the farewell, end of file means that the runner is
 * gone.
 */
function linkFromStdin(): GuardianLink {
  const signs: ('beat' | 'bye' | 'closed')[] = [];
  let wake: () => void = () => undefined;
  const push = (sign: 'beat' | 'bye' | 'closed') => {
    signs.push(sign);
    wake();
  };
  process.stdin.on('data', (data: Buffer) => push(data.includes('q') ? 'bye' : 'beat'));
  process.stdin.on('end', () => push('closed'));
  process.stdin.on('error', () => push('closed'));
  return {
    next: async timeoutMs => {
      if (signs.length === 0) {
        await new Promise<void>(resolve => {
          const timer = setTimeout(resolve, timeoutMs);
          wake = () => {
            clearTimeout(timer);
            resolve();
          };
        });
      }
      return signs.shift() ?? 'silence';
    },
  };
}

async function main(): Promise<void> {
  const [stateDir, run] = process.argv.slice(2);
  if (stateDir === undefined || run === undefined) throw new Error('usage: guardian STATE-DIRECTORY RUN');
  // It must outlive the terminal and everything that ends the runner.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined);
  const machine = openMachine({environment: process.env, stateDir});
  const link = linkFromStdin();
  process.stdout.on('error', () => undefined);
  process.stdout.write('ready\n');
  await guard({ports: machine.ports, state: new RunState(machine.ports, run), link, redact: machine.redact});
  process.exit(0);
}

await main();
