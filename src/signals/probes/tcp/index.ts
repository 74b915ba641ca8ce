import {connect} from 'node:net';
import type {OpenProbe, ProbeSource, Reading} from '../../contract.js';
import {describeFailure, isTimeUp} from '../../network/failure.js';
import {HangUps} from '../../network/hang-ups.js';
import {parameters, unitOf, worseOf, type Parameters} from './parameters.js';

class TcpProbe implements OpenProbe {
  private readonly hangUps = new HangUps();

  constructor(
    private readonly host: string,
    private readonly wanted: Parameters,
  ) {}

  async read(signal: AbortSignal): Promise<readonly Reading[]> {
    signal.throwIfAborted();
    if (this.wanted.measure === 'latency') return [await this.dial(signal)];
    try {
      const reading = await this.dial(signal);
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

  /** Connects and hangs up; resolves with the ms until the connection was accepted, or why it was not. */
  private dial(signal: AbortSignal): Promise<Reading> {
    return new Promise((resolve, reject) => {
      const started = performance.now();
      const socket = connect({host: this.host, port: this.wanted.port});
      const onAbort = () => {
        socket.destroy();
        reject(signal.reason as Error);
      };
      signal.addEventListener('abort', onAbort, {once: true});
      socket.once('connect', () => {
        signal.removeEventListener('abort', onAbort);
        resolve({value: performance.now() - started});
        this.hangUps.hangUp(socket);
      });
      // Stays for the life of the socket: what happens to it once the answer is known is of no interest.
      socket.on('error', error => {
        signal.removeEventListener('abort', onAbort);
        resolve({value: null, why: describeFailure(error)});
      });
    });
  }
}

export const source: ProbeSource = {
  name: 'tcp',
  summary: 'Whether a TCP port accepts connections, or how long that takes.',
  parameters,
  unit: unitOf,
  worse: worseOf,
  open: (given, {reveal}) =>
    Promise.resolve().then(() => new TcpProbe(reveal((given as Parameters).host), given as Parameters)),
};
