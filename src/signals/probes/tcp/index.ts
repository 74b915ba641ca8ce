import {connect, type Socket} from 'node:net';
import type {OpenProbe, ProbeSource, Reading} from '../../contract.js';
import {describeFailure, isTimeUp} from '../../network/failure.js';
import {parameters, unitOf, worseOf, type Parameters} from './parameters.js';

/** How long the target may take to close its side of a connection before it is cut. */
const LINGER_MS = 1000;

class TcpProbe implements OpenProbe {
  /** Connections that were hung up and that the target has not closed yet. */
  private readonly lingering = new Set<Socket>();

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
    for (const socket of this.lingering) socket.destroy();
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
        this.hangUp(socket);
      });
      // Stays for the life of the socket: what happens to it once the answer is known is of no interest.
      socket.on('error', error => {
        signal.removeEventListener('abort', onAbort);
        resolve({value: null, why: describeFailure(error)});
      });
    });
  }

  /** Closes in order: a reset could show up as an error in the target's log. */
  private hangUp(socket: Socket): void {
    this.lingering.add(socket);
    socket.once('close', () => this.lingering.delete(socket));
    socket.setTimeout(LINGER_MS, () => socket.destroy());
    socket.resume().end();
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
