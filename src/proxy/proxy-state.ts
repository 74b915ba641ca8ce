import type {Mark} from './mark.js';
import type {InstanceView, StateView} from './protocol.js';
import type {ProxiedConnection} from './proxied-connection.js';

/** More would only be the doing of a client that asks for runs that do not exist. */
const MAX_STOPS = 1000;

/** What the control API looks at and changes: the connections, who this process is, and which runs should stop. */
export class ProxyState {
  readonly #stops = new Set<string>();

  constructor(
    readonly instance: InstanceView,
    readonly connections: readonly ProxiedConnection[],
  ) {}

  get marks(): readonly Mark[] {
    return this.connections.map(({mark}) => mark);
  }

  connection(name: string): ProxiedConnection | undefined {
    return this.connections.find(connection => connection.name === name);
  }

  askToStop(run: string): void {
    this.#stops.add(run);
    const [oldest] = this.#stops;
    if (this.#stops.size > MAX_STOPS && oldest !== undefined) this.#stops.delete(oldest);
  }

  /** A run whose last debt here is settled has stopped. */
  forgetStopOf(run: string): void {
    if (this.connections.every(connection => connection.mark.view?.run !== run)) this.#stops.delete(run);
  }

  stops(): readonly string[] {
    return [...this.#stops];
  }

  view(): StateView {
    return {
      instance: this.instance,
      connections: this.connections.map(connection => connection.view()),
      stops: this.stops(),
    };
  }
}
