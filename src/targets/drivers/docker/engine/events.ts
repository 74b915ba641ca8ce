import type {Engine} from './engine.js';

export interface EventQuery {
  readonly id: string;
  readonly event: 'kill' | 'oom';
  /** The engine's time, RFC 3339; events after `since` up to `until` are answered. */
  readonly since: string;
  readonly until: string;
}

/**
 * The attributes of each event. The engine remembers only its latest few hundred events, of all containers together.
 */
export async function readEvents(
  engine: Engine,
  query: EventQuery,
  signal: AbortSignal,
): Promise<readonly Readonly<Record<string, string>>[]> {
  const {id, event, since, until} = query;
  const filters = {container: [id], event: [event]};
  const events = await ask(engine, {since: asUnix(since), until: asUnix(until), filters}, signal);
  return events.map(one => one.Actor?.Attributes ?? {});
}

/** An engine keeps so many events, of everything in it. */
const REMEMBERED = 256;

/**
 * Everything that something happened to between two moments of the engine's clock (ms), by id: a command that is run in
 * a container is nothing that happens to it. Undefined when there were more events than the engine keeps.
 */
export async function touchedBetween(
  engine: Engine,
  sinceMs: number,
  untilMs: number,
  signal: AbortSignal,
): Promise<ReadonlySet<string> | undefined> {
  const [since, until] = [sinceMs, untilMs].map(ms => (ms / 1000).toFixed(9)) as [string, string];
  const events = await ask(engine, {since, until, filters: {}}, signal);
  if (events.length >= REMEMBERED) return undefined;
  const telling = events.filter(({Action = ''}) => !Action.startsWith('exec_'));
  return new Set(telling.flatMap(({Actor}) => [Actor?.ID ?? '', Actor?.Attributes?.['container'] ?? '']));
}

/** Something bad that the engine tells of a container. */
export interface ToldMishap {
  readonly object: string;
  readonly name: string;
  readonly what: 'ended' | 'out-of-memory' | 'unhealthy';
  readonly exitCode?: number;
  /** By the engine's clock. */
  readonly atMs: number;
}

/** Containers that ended, ran out of memory, or became unhealthy between two moments of the engine's clock. */
export async function readMishaps(
  engine: Engine,
  {sinceMs, untilMs}: {readonly sinceMs: number; readonly untilMs: number},
  signal: AbortSignal,
): Promise<readonly ToldMishap[]> {
  const [since, until] = [sinceMs, untilMs].map(ms => (ms / 1000).toFixed(9)) as [string, string];
  const filters = {type: ['container'], event: ['die', 'oom', 'health_status']};
  const events = await ask(engine, {since, until, filters}, signal);
  return events.flatMap(({Action = '', Actor, time = 0, timeNano}) => {
    const what = MISHAPS[Action];
    if (what === undefined) return [];
    const {name = '', exitCode} = Actor?.Attributes ?? {};
    const code = what === 'ended' && exitCode !== undefined ? {exitCode: Number(exitCode)} : {};
    return [
      {object: Actor?.ID ?? '', name, what, ...code, atMs: timeNano === undefined ? time * 1000 : timeNano / 1e6},
    ];
  });
}

const MISHAPS: Readonly<Record<string, ToldMishap['what']>> = {
  die: 'ended',
  oom: 'out-of-memory',
  'health_status: unhealthy': 'unhealthy',
};

interface EngineEvent {
  readonly Action?: string;
  readonly time?: number;
  readonly timeNano?: number;
  readonly Actor?: {readonly ID?: string; readonly Attributes?: Readonly<Record<string, string>>};
}

async function ask(
  engine: Engine,
  {since, until, filters}: {readonly since: string; readonly until: string; readonly filters: object},
  signal: AbortSignal,
): Promise<readonly EngineEvent[]> {
  const asked = {since, until, filters: JSON.stringify(filters)};
  const stream = await engine.read(abortSignal => engine.docker.getEvents({...asked, abortSignal}), signal);
  let text = '';
  for await (const chunk of stream) text += chunk.toString('utf8');
  return text
    .split('\n')
    .filter(line => line !== '')
    .map(line => JSON.parse(line) as EngineEvent);
}

/** Seconds with the nanoseconds kept: the engine takes no time zone offset with a fraction otherwise. */
function asUnix(time: string): string {
  const fraction = /\.(\d+)/.exec(time)?.[1] ?? '0';
  return `${Math.floor(Date.parse(time) / 1000)}.${fraction.slice(0, 9).padEnd(9, '0')}`;
}
