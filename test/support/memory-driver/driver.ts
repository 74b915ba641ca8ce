import * as z from 'zod';
import type {JsonObject} from '../../../src/quantities/json.js';
import type {Candidate, Debt, Driver, Op, Proof, Reader, TargetRef} from '../../../src/targets/contract.js';
import {readMarks} from '../../../src/targets/debt.js';
import {memoryActuator} from './actuator.js';
import {memoryDrafts, read, refOf, VERSION} from './operations.js';
import type {MemoryObject, MemoryWorld} from './world.js';

/**
 * A driver as one client of the world sees it. Selectors: `{name: 'a'}`, or `{}` for all. The address is always `{}`:
 * whoever holds the world reaches it.
 */
export function memoryDriver(world: MemoryWorld, client: string): Driver {
  return {
    name: 'memory',
    version: VERSION,
    address: () => ({}),
    reader: () => Promise.resolve(memoryReader(world, client)),
    actuator: (_address, fence) => Promise.resolve(memoryActuator(world, client, fence)),
  };
}

function memoryReader(world: MemoryWorld, client: string): Reader {
  /** Sends a read through the hook; a lost one throws, a lying one answers `nothing`. */
  const ask = async <T>(about: {op?: string; object?: string}, happen: () => T, nothing: () => T): Promise<T> => {
    const reply = await world.request({client, what: 'read', ...about}, happen, nothing);
    if ('answer' in reply) return reply.answer;
    throw new Error('lost' in reply ? reply.lost : reply.refused);
  };
  return {
    endpoint: world.endpoint,
    drafts: memoryDrafts(world),
    resolve: selector =>
      ask(
        {op: 'resolve'},
        () => resolve(world, selector),
        () => [],
      ),
    ask: () => Promise.resolve(''),
    prove: async proofs => {
      const answers: Proof[] = [];
      for (const proof of proofs) answers.push(await prove(world, ask, proof));
      return answers;
    },
    facets: refs =>
      ask(
        {op: 'facets'},
        () => facets(world, refs),
        () => ({}),
      ),
    debts: run =>
      ask(
        {op: 'debts'},
        () => marksIn(world, run).debts,
        () => [],
      ),
    unreadable: () => Promise.resolve(marksIn(world).unreadable),
    stopRequested: run =>
      ask(
        {op: 'stop-requested'},
        () => world.stops.has(run),
        () => false,
      ),
    problems: () => Promise.resolve([]),
    close: () => Promise.resolve(),
  };
}

const cpus = () => z.strictObject({cpus: z.number()});
const nothing = () => z.strictObject({});
const UNDOS = {
  'memory.unpause': {args: nothing, proofs: {'memory.paused': nothing}},
  'memory.start': {args: nothing, proofs: {'memory.down': nothing}},
  'memory.cpus': {args: cpus, proofs: {'memory.cpus-are': cpus}},
};

function marksIn(world: MemoryWorld, run?: string): ReturnType<typeof readMarks> {
  const marks = [...world.marks].flatMap(([object, mark]) =>
    [...mark.values()].map(debt => ({
      where: `mark of \`${object}\``,
      run: debt.run,
      debts: [debt],
      isOn: ({undo}: Debt) => undo.ref.object === object,
    })),
  );
  const rules = {driver: 'memory', version: VERSION, endpoint: world.endpoint, undos: UNDOS} as const;
  const {debts, unreadable} = readMarks(marks, rules);
  const wanted = debts.filter(debt => run === undefined || debt.run === run);
  return {debts: [...wanted].sort((a, b) => (a.id < b.id ? -1 : 1)), unreadable};
}

type Ask = <T>(about: {op?: string; object?: string}, happen: () => T, nothing: () => T) => Promise<T>;

async function prove(world: MemoryWorld, ask: Ask, proof: Op): Promise<Proof> {
  const about = {op: proof.op, object: proof.ref.object};
  try {
    return await ask(
      about,
      () => read(world, proof),
      () => ({...read(world, proof), state: 'absent'}),
    );
  } catch (error) {
    return {ref: proof.ref, state: 'unknown', exercised: null, readings: {}, at: world.clock.now(), why: String(error)};
  }
}

function resolve(world: MemoryWorld, selector: JsonObject): readonly Candidate[] {
  const wanted = selector['name'];
  const found = [...world.objects.values()].filter(object => wanted === undefined || object.name === wanted);
  return found.map(object => candidate(world, object));
}

function candidate(world: MemoryWorld, object: MemoryObject): Candidate {
  return {
    ref: refOf(world, object),
    status: object.running ? (object.paused ? 'paused' : 'running') : 'exited',
    ...(object.protectedBy === undefined ? {} : {protectedBy: object.protectedBy}),
    details: {cpus: object.cpus},
  };
}

function facets(world: MemoryWorld, refs: readonly TargetRef[]): Record<string, JsonObject> {
  const known = refs.flatMap(ref => world.objects.get(ref.object) ?? []);
  return Object.fromEntries(known.map(({name, running, paused, cpus}) => [name, {running, paused, cpus}]));
}
