import type {Engine} from './engine.js';

export interface EventQuery {
  readonly id: string;
  readonly event: 'kill' | 'oom';
  /** The engine's time, RFC 3339; events after `since` up to `until` are answered. */
  readonly since: string;
  readonly until: string;
}

/** The attributes of each event. The engine remembers only its latest few hundred events, of all containers together. */
export async function readEvents(
  engine: Engine,
  query: EventQuery,
  signal: AbortSignal,
): Promise<readonly Readonly<Record<string, string>>[]> {
  const {id, event, since, until} = query;
  const filters = JSON.stringify({container: [id], event: [event]});
  const stream = await engine.read(
    abortSignal => engine.docker.getEvents({since: asUnix(since), until: asUnix(until), filters, abortSignal}),
    signal,
  );
  let text = '';
  for await (const chunk of stream) text += chunk.toString('utf8');
  return text
    .split('\n')
    .filter(line => line !== '')
    .map(line => JSON.parse(line) as {readonly Actor?: {readonly Attributes?: Readonly<Record<string, string>>}})
    .map(one => one.Actor?.Attributes ?? {});
}

/** Seconds with the nanoseconds kept: the engine takes no time zone offset with a fraction otherwise. */
function asUnix(time: string): string {
  const fraction = /\.(\d+)/.exec(time)?.[1] ?? '0';
  return `${Math.floor(Date.parse(time) / 1000)}.${fraction.slice(0, 9).padEnd(9, '0')}`;
}
