import type {Ambient} from '../../../contract.js';
import {addressOf} from './address.js';
import {listContainers} from './container.js';
import {openEngine} from './engine.js';

/** Whoever asks this has an answer without it. */
const ASK_LIMIT_MS = 3_000;

interface ListedPorts {
  readonly Names?: readonly string[] | null;
  readonly Ports?: readonly {readonly PublicPort?: number; readonly Type?: string}[] | null;
}

/**
 * Name of the container of which this TCP port of the machine is a published one; undefined where no engine says so.
 */
export async function publisherOf(port: number, ambient: Ambient): Promise<string | undefined> {
  try {
    const engine = await openEngine({...addressOf({}, ambient)}, ambient.redact);
    try {
      if (!engine.isLocal) return undefined;
      const signal = AbortSignal.timeout(ASK_LIMIT_MS);
      const found = await listContainers<ListedPorts>(engine, {all: false, filters: {}}, signal);
      const publishes = ({Ports}: ListedPorts) =>
        (Ports ?? []).some(({PublicPort, Type}) => PublicPort === port && Type !== 'udp');
      return found.find(publishes)?.Names?.[0]?.replace(/^\//, '');
    } finally {
      await engine.close();
    }
  } catch {
    return undefined;
  }
}
