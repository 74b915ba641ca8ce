import type {OpenProbe, ProbeContext, ProbeSource, Reading} from '../../contract.js';
import {isTimeUp} from '../../network/failure.js';
import {openRedisClient, type RedisClient} from './client.js';
import {parameters, type Parameters} from './parameters.js';
import {askFor, type Question} from './questions.js';

class RedisProbe implements OpenProbe {
  readonly asks = 'target';

  constructor(
    private readonly client: RedisClient,
    private readonly question: Question,
  ) {}

  async read(signal: AbortSignal): Promise<readonly Reading[]> {
    signal.throwIfAborted();
    const up = this.question.wanted.measure === 'up';
    try {
      return [await this.client.ask(session => askFor(session, this.question), signal)];
    } catch (error) {
      if (signal.aborted && !(up && isTimeUp(signal))) throw signal.reason;
      return [up ? {value: 0} : this.client.unanswered(error)];
    } finally {
      // Whether it is up for somebody new is asked anew each time.
      if (up) this.client.leave();
    }
  }

  close(): Promise<void> {
    this.client.leave();
    return Promise.resolve();
  }
}

async function open(wanted: Parameters, context: ProbeContext): Promise<OpenProbe> {
  const asked = wanted.info ?? wanted.length ?? wanted.get ?? '';
  const client = await openRedisClient({...wanted, asked: [asked]}, context);
  return new RedisProbe(client, {wanted, named: context.reveal(asked), scrub: client.scrub});
}

export const source: ProbeSource = {
  name: 'redis',
  summary: 'A number, the role, the latency or the availability of Redis.',
  parameters,
  opens: {
    anew: 'with `measure: up` a connection with its login; else only what was lost, or is no longer what `ask` wants',
    kept: 'else one connection',
  },
  open: (given, context) => open(given as Parameters, context),
};
