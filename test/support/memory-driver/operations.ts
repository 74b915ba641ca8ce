import type {Json, JsonObject} from '../../../src/quantities/json.js';
import type {Change, Drafts, Op, Proof, TargetRef} from '../../../src/targets/contract.js';
import type {MemoryObject, MemoryWorld} from './world.js';

/** Version of the operations' arguments. */
export const VERSION = 1;

export function refOf(world: MemoryWorld, object: MemoryObject): TargetRef {
  return {
    driver: 'memory',
    kind: 'container',
    name: object.name,
    endpoint: world.endpoint,
    object: object.name,
    incarnation: String(object.incarnation),
  };
}

function op(name: string, ref: TargetRef, args: JsonObject = {}): Op {
  return {op: `memory.${name}`, v: VERSION, ref, args};
}

/** Carries out one mutation; answers why it was refused, or undefined. Atomic. */
export function act(world: MemoryWorld, {op: name, ref, args}: Op): string | undefined {
  const object = world.objects.get(ref.object);
  if (object === undefined) return `\`${ref.object}\` is gone`;
  const same = String(object.incarnation) === ref.incarnation && object.running;
  switch (name) {
    case 'memory.pause':
      if (!same) return `\`${ref.object}\` was restarted`;
      object.paused = true;
      return undefined;
    case 'memory.unpause':
      if (same) object.paused = false;
      return undefined;
    case 'memory.kill':
      if (!same) return `\`${ref.object}\` was restarted`;
      world.kill(ref.object);
      return undefined;
    case 'memory.start':
      if (!object.running) world.restart(ref.object);
      return undefined;
    case 'memory.cpus':
      object.cpus = Number(args['cpus']);
      return undefined;
    default:
      return `expected an operation of the memory driver; got \`${name}\``;
  }
}

/** What each proof reads: whether it holds, and what it saw. `same` is the incarnation that the proof is about. */
const PROOFS: Readonly<
  Record<
    string,
    (object: MemoryObject | undefined, same: boolean, args: JsonObject) => {holds: boolean; saw: JsonObject}
  >
> = {
  'memory.paused': (object, same) => ({holds: same && object?.paused === true, saw: {paused: object?.paused ?? null}}),
  'memory.killed': (object, same) => ({
    holds: !same || object?.running !== true,
    saw: {running: object?.running ?? null},
  }),
  'memory.down': object => ({holds: object?.running === false, saw: {running: object?.running ?? null}}),
  'memory.cpus-are': (object, _same, {cpus}) => ({holds: object?.cpus === cpus, saw: {cpus: object?.cpus ?? null}}),
};

/** Reads one proof; nothing of a vanished target is in force. */
export function read(world: MemoryWorld, {op: name, ref, args}: Op): Proof {
  const answer = {ref, exercised: null, at: world.clock.now()};
  const proof = PROOFS[name];
  if (proof === undefined)
    return {...answer, state: 'unknown', readings: {}, why: `expected a proof of the memory driver; got \`${name}\``};
  const object = world.objects.get(ref.object);
  const {holds, saw} = proof(object, String(object?.incarnation) === ref.incarnation, args);
  return {...answer, state: holds ? 'in-force' : 'absent', readings: saw};
}

export function valueOf(world: MemoryWorld, ref: TargetRef): Json {
  return world.objects.get(ref.object)?.cpus ?? null;
}

type Drafted = Pick<Drafts, 'lifecycle' | 'resources'>;

/** Drafting reads the world without a request: plans are not part of the simulation's interleavings. */
export function memoryDrafts(world: MemoryWorld): Drafted {
  const refuse = () => Promise.reject(new Error('the memory world drafts pause, kill and cpuThrottle only'));
  return {
    lifecycle: {
      pause: t => Promise.resolve(pause(t)),
      kill: (t, {heal, nothing}) => Promise.resolve(kill(world, t, heal, nothing)),
      stop: refuse,
      restart: refuse,
    },
    resources: {
      cpuThrottle: (t, {cpus}) => Promise.resolve(throttle(world, t, cpus)),
      memoryLimit: refuse,
      pidsLimit: refuse,
    },
  };
}

function pause(target: TargetRef): Change {
  const proof = op('paused', target);
  return {
    target,
    summary: `pause ${target.name}`,
    flip: op('pause', target),
    proof,
    undo: {...op('unpause', target), lifetime: 'incarnation', proof, manual: `unpause ${target.name}`},
    claims: ['running'],
    touches: ['paused'],
    keeper: 'guardian',
  };
}

function kill(world: MemoryWorld, target: TargetRef, heal: string, nothing: string | undefined): Change {
  const supervised = world.objects.get(target.object)?.restartsAfterMs !== undefined;
  return {
    target,
    summary: `kill ${target.name}`,
    flip: op('kill', target),
    proof: op('killed', target),
    undo:
      nothing === undefined
        ? {...op('start', target), lifetime: 'object', proof: op('down', target), manual: `start ${target.name}`}
        : {nothing},
    platformHeals: supervised && heal !== 'undo',
    claims: ['running'],
    touches: ['running', 'paused'],
    keeper: 'guardian',
  };
}

function throttle(world: MemoryWorld, target: TargetRef, cpus: number): Change {
  const was = world.objects.get(target.object)?.cpus ?? 1;
  const proof = op('cpus-are', target, {cpus});
  return {
    target,
    summary: `set the CPU quota of ${target.name} from ${was} to ${cpus}`,
    flip: op('cpus', target, {cpus}),
    proof,
    undo: {
      ...op('cpus', target, {cpus: was}),
      lifetime: 'object',
      restore: {was, ours: cpus},
      proof,
      manual: `set the CPU quota of ${target.name} to ${was}`,
    },
    claims: ['cpu-quota'],
    touches: ['cpus'],
    keeper: 'guardian',
  };
}
