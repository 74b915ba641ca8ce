import type {OpenProbe, ProbeContext, ProbeSource, Reading} from '../../contract.js';
import {noValue} from '../../missing.js';
import {isTimeUp} from '../../network/failure.js';
import {readNumber} from '../../number.js';
import {ask, type SqlAnswer} from '../../stores/sql/session.js';
import {openSqlClient, type SqlClient} from './client.js';
import {parameters, type Parameters} from './parameters.js';

class SqlProbe implements OpenProbe {
  readonly asks = 'target';

  constructor(
    private readonly measure: Parameters['measure'],
    private readonly client: SqlClient,
  ) {}

  async read(signal: AbortSignal): Promise<readonly Reading[]> {
    signal.throwIfAborted();
    const up = this.measure === 'up';
    const {client} = this;
    try {
      const answer = await client.ask(({session}) => ask(session, client.statement), signal, up);
      return ['value' in answer ? answer : this.readingOf(answer)];
    } catch (error) {
      if (signal.aborted && !(up && isTimeUp(signal))) throw signal.reason;
      return [up ? {value: 0} : client.unanswered(error)];
    } finally {
      // Whether it is up for somebody new is asked anew: a server that refuses every client goes on serving those it
      // has.
      if (up) client.leave();
    }
  }

  close(): Promise<void> {
    return this.client.close();
  }

  private readingOf({first, ms}: SqlAnswer): Reading {
    switch (this.measure) {
      case 'up':
        return {value: 1};
      case 'latency':
        return {value: ms};
      case 'number':
        if (first === undefined) return noValue('record', 'the statement answers with no row');
        if (first === null) return noValue('record', 'the first column of the first row is NULL');
        return readNumber(this.client.scrub(first), 'a number in the first column of the first row');
    }
  }
}

async function open(wanted: Parameters, context: ProbeContext): Promise<OpenProbe> {
  return new SqlProbe(wanted.measure, await openSqlClient(wanted, context));
}

export const source: ProbeSource = {
  name: 'sql',
  summary: 'A number, the latency or the availability of PostgreSQL, MySQL or MariaDB.',
  parameters,
  opens: {
    anew: 'with `measure: up` a connection with its login; else only what was lost, or is no longer what `target_session_attrs` wants',
    kept: 'with `latency` and `number` one session',
  },
  open: (given, context) => open(given as Parameters, context),
};
