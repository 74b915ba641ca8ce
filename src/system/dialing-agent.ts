import {Agent, type AgentOptions} from 'node:http';
import {Agent as HttpsAgent, type AgentOptions as SecureAgentOptions} from 'node:https';
import {dial} from './dial.js';

const dials = new WeakMap<Agent, AbortController>();

/**
 * Makes an agent of a client that brings its own HTTP dial its connections, see `dial`. Its `destroy` also gives up
 * what is being dialled.
 */
export function dialing<A extends Agent>(agent: A): A {
  // One with a way of its own, through a proxy, keeps it.
  const kind: unknown = agent.constructor;
  if (kind !== Agent && kind !== HttpsAgent) return agent;
  const connect = agent.createConnection.bind(agent);
  const gone = new AbortController();
  dials.set(agent, gone);
  agent.createConnection = (options: AgentOptions & SecureAgentOptions & {socketPath?: string}, connected) => {
    const {host, port, socketPath} = options;
    // A path has one address, and a client that does not take the answer later must get it now.
    if (typeof socketPath === 'string' || connected === undefined) return connect(options, connected);
    const place = {host: (host ?? 'localhost').replace(/^\[|\]$/g, ''), port: Number(port)};
    dial(place, {signal: gone.signal}).then(
      socket => {
        const stream = kind === HttpsAgent ? connect({...options, socket} as typeof options) : socket;
        connected(null, stream ?? socket);
      },
      (error: unknown) => connected(error as Error, undefined as never),
    );
    return undefined;
  };
  const destroy = agent.destroy.bind(agent);
  agent.destroy = () => {
    stopDialing(agent);
    destroy();
  };
  return agent;
}

/** Gives up what is being dialled: nothing has been sent on it yet. Connections that are there stay. */
export function stopDialing(agent: Agent): void {
  dials.get(agent)?.abort(new Error('the client was closed'));
}
