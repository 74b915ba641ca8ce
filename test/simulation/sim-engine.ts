import {createHash} from 'node:crypto';
import {dockerActuator} from '../../src/targets/drivers/docker/actuator.js';
import type {DockerApi} from '../../src/targets/drivers/docker/engine/api.js';
import type {Engine} from '../../src/targets/drivers/docker/engine/engine.js';
import {outcomeOf} from '../../src/targets/drivers/docker/engine/failures.js';
import {VERSION} from '../../src/targets/drivers/docker/mechanisms/index.js';
import {dockerReader} from '../../src/targets/drivers/docker/reader.js';
import type {Driver} from '../../src/targets/contract.js';
import type {MemoryObject, MemoryRequest, MemoryWorld} from '../support/memory-driver/world.js';

/** The volumes of an engine by name, with their labels. */
export type Volumes = Map<string, Readonly<Record<string, string>>>;

/** The Docker driver itself, as one client of a world whose objects are the containers of an engine. */
export function simDockerDriver(world: MemoryWorld, volumes: Volumes, client: string): Driver {
  const engine = () => simEngine(world, volumes, client);
  return {
    name: 'docker',
    version: VERSION,
    address: () => ({}),
    reader: () => Promise.resolve(dockerReader(engine(), '/state')),
    actuator: (_address, fence) => Promise.resolve(dockerActuator(engine(), fence)),
  };
}

/** As the engine gives ids out. */
const idOf = (name: string) => createHash('sha256').update(name).digest('hex');

/** What the engine answers instead of doing it. */
class EngineError extends Error {
  constructor(
    readonly statusCode: number,
    message: string,
  ) {
    super(message);
  }
}

type About = Pick<MemoryRequest, 'what' | 'op' | 'object' | 'budgetMs'>;
type Ask = <T>(about: About, happen: () => T, lie: () => T) => Promise<T>;

/** One request: what the engine refuses, and what is lost on the way, rejects as it does with dockerode. */
function asking(world: MemoryWorld, client: string): Ask {
  return async (about, happen, lie) => {
    // It may happen long after its client is dead: then nobody is there to catch what the engine says.
    const attempt = () => {
      try {
        return {value: happen()};
      } catch (error) {
        return {error};
      }
    };
    const reply = await world.request({client, ...about}, attempt, () => ({value: lie()}));
    if ('refused' in reply) throw new EngineError(409, reply.refused);
    if ('lost' in reply) throw Object.assign(new Error(reply.lost), {code: 'ECONNRESET'});
    if ('error' in reply.answer) throw reply.answer.error;
    return reply.answer.value;
  };
}

function simEngine(world: MemoryWorld, volumes: Volumes, client: string): Engine {
  const ask = asking(world, client);
  /** That of the mutation which is being sent. */
  let budgetMs = Number.POSITIVE_INFINITY;
  const now = () => Date.parse(world.clock.now().wall);
  return {
    id: 'sim-engine',
    address: {host: 'tcp://sim-engine'},
    isLocal: false,
    logs: {getContainer: () => ({logs: () => Promise.reject(new Error('nothing is logged here'))})},
    clock: world.clock,
    redact: text => text,
    docker: dockerApi(world, volumes, (about, happen, lie) => ask({...about, budgetMs}, happen, lie)),
    time: () => ({earliest: now(), latest: now()}),
    info: () => Promise.resolve({ID: 'sim-engine', ServerVersion: '27.0.0', SystemTime: world.clock.now().wall}),
    read: (call, signal) => call(signal),
    mutate: async (call, budget) => {
      if (budget <= 0) return {state: 'refused', status: undefined, why: 'the budget was used up before it was sent'};
      budgetMs = budget;
      const sent = call();
      budgetMs = Number.POSITIVE_INFINITY;
      try {
        await sent;
        return {state: 'done'};
      } catch (error) {
        return outcomeOf(error);
      }
    },
    close: () => Promise.resolve(),
  };
}

const notThere = (): never => {
  throw new Error('the simulated engine has no such call');
};

function dockerApi(world: MemoryWorld, volumes: Volumes, ask: Ask): DockerApi {
  return {
    info: notThere,
    listContainers: ({all, filters}) =>
      ask(
        {what: 'read', op: 'list'},
        () => listed(world, all, JSON.parse(filters) as {id?: string[]}),
        () => [],
      ),
    listVolumes: ({filters}) =>
      ask(
        {what: 'read', op: 'volumes'},
        () => ({Volumes: withLabel(volumes, (JSON.parse(filters) as {label: [string]}).label[0])}),
        () => ({Volumes: []}),
      ),
    createVolume: ({Name, Labels}) =>
      ask(
        {what: whatOf(Labels), object: Name},
        () => {
          // One of the same name is left as it is.
          if (!volumes.has(Name)) volumes.set(Name, Labels);
        },
        () => undefined,
      ),
    getVolume: name => ({
      remove: () =>
        ask(
          {what: 'unmark', object: name},
          () => {
            if (!volumes.delete(name)) throw new EngineError(404, 'no such volume');
          },
          () => undefined,
        ),
    }),
    getContainer: id => containerApi(world, id, ask),
    getEvents: () => Promise.resolve(noEvents()),
    createContainer: notThere,
    getNetwork: notThere,
  };
}

// eslint-disable-next-line @typescript-eslint/require-await -- an engine that saw nothing
async function* noEvents(): AsyncGenerator<Buffer> {
  yield Buffer.alloc(0);
}

function whatOf(labels: Readonly<Record<string, string>>): MemoryRequest['what'] {
  if (labels['firedrill.leases'] !== undefined) return 'renew';
  return labels['firedrill.stop'] === undefined ? 'mark' : 'request-stop';
}

/** `firedrill.run`, or `firedrill.run=ID`. */
function withLabel(volumes: Volumes, label: string) {
  const [key = '', value] = label.split('=');
  const found = [...volumes].filter(([, labels]) =>
    value === undefined ? labels[key] !== undefined : labels[key] === value,
  );
  return found.map(([Name, Labels]) => ({Name, Labels}));
}

const statusOf = ({running, paused}: MemoryObject) => (running ? (paused ? 'paused' : 'running') : 'exited');

function listed(world: MemoryWorld, all: boolean, {id}: {readonly id?: readonly string[]}) {
  return [...world.objects.values()]
    .filter(object => (all || object.running) && (id === undefined || id.includes(idOf(object.name))))
    .map(object => ({Id: idOf(object.name), Names: [`/${object.name}`], State: statusOf(object)}));
}

function inspected(object: MemoryObject) {
  const startedAt = new Date(Date.UTC(2026, 0, 1) + object.incarnation * 1000).toISOString();
  const {running, paused, name, cpus} = object;
  return {
    Id: idOf(name),
    Name: `/${name}`,
    Config: {Image: 'sim'},
    State: {
      Status: statusOf(object),
      Running: running,
      Paused: paused,
      Restarting: false,
      Pid: running ? 2 : 0,
      ExitCode: 0,
      StartedAt: startedAt,
    },
    HostConfig: {NanoCpus: cpus * 1e9},
    NetworkSettings: {Networks: {}},
  };
}

function containerApi(world: MemoryWorld, id: string, ask: Ask): ReturnType<DockerApi['getContainer']> {
  const object = () => {
    const found = [...world.objects.values()].find(({name}) => idOf(name) === id);
    if (found === undefined) throw new EngineError(404, 'no such container');
    return found;
  };
  const act = (op: string, change: (found: MemoryObject) => void) =>
    ask(
      {what: 'act', op, object: id},
      () => {
        change(object());
      },
      () => undefined,
    );
  const only = (holds: boolean, why: string) => {
    if (!holds) throw new EngineError(409, why);
  };
  const kill = (found: MemoryObject) => {
    only(found.running, 'it is not running');
    world.kill(found.name);
  };
  return {
    inspect: () =>
      ask(
        {what: 'read', object: id},
        () => inspected(object()),
        () => inspected(object()),
      ),
    pause: () =>
      act('pause', found => {
        only(found.running && !found.paused, 'it is not running, or paused');
        found.paused = true;
      }),
    unpause: () =>
      act('unpause', found => {
        only(found.paused, 'it is not paused');
        found.paused = false;
      }),
    kill: () => act('kill', kill),
    stop: () => act('stop', kill),
    start: () =>
      act('start', ({running, name}) => {
        if (running) throw new EngineError(304, 'it runs');
        world.restart(name);
      }),
    restart: () => act('restart', ({name}) => world.restart(name)),
    update: options =>
      act('update', found => {
        found.cpus = ((options as {NanoCpus?: number}).NanoCpus ?? 0) / 1e9;
      }),
    stats: () =>
      ask(
        {what: 'read', object: id},
        () => ({read: world.clock.now().wall}),
        () => ({}),
      ),
    remove: notThere,
    attach: notThere,
    exec: notThere,
  };
}
