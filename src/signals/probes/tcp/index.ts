import {dial} from '../../../system/dial.js';
import type {OpenProbe, ProbeSource, Reading} from '../../contract.js';
import {describeFailure, isTimeUp, reasonOf} from '../../network/failure.js';
import {HangUps} from '../../network/hang-ups.js';
import {noValue} from '../../missing.js';
import {parameters, type Parameters} from './parameters.js';

class TcpProbe implements OpenProbe {
  readonly asks = 'target';
  private readonly hangUps = new HangUps();

  constructor(
    private readonly host: string,
    private readonly wanted: Parameters,
  ) {}

  async read(signal: AbortSignal): Promise<readonly Reading[]> {
    signal.throwIfAborted();
    if (this.wanted.measure === 'latency') return [await this.connect(signal)];
    try {
      const reading = await this.connect(signal);
      return [{value: reading.value === null ? 0 : 1}];
    } catch (error) {
      // No connection in time is an answer to the question whether it is up.
      if (isTimeUp(signal)) return [{value: 0}];
      throw error;
    }
  }

  close(): Promise<void> {
    this.hangUps.cut();
    return Promise.resolve();
  }

  /**
   * Connects and hangs up: the ms until the connection was accepted, or why it was not. Rejects with the signal's
   * reason.
   */
  private async connect(signal: AbortSignal): Promise<Reading> {
    const started = performance.now();
    try {
      const socket = await dial({host: this.host, port: this.wanted.port}, {signal});
      const ms = performance.now() - started;
      this.hangUps.hangUp(socket);
      return {value: ms};
    } catch (error) {
      signal.throwIfAborted();
      return noValue(reasonOf(error), describeFailure(error));
    }
  }
}

export const source: ProbeSource = {
  name: 'tcp',
  summary: 'Whether a TCP port accepts connections, or how long that takes.',
  parameters,
  opens: {anew: 'a connection', kept: 'nothing'},
  open: (given, {reveal}) =>
    Promise.resolve().then(() => new TcpProbe(reveal((given as Parameters).host), given as Parameters)),
};
