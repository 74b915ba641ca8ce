import * as z from 'zod';
import type {ConnectionView, StateView, ToxicView} from '../../../proxy/protocol.js';
import type {JsonObject} from '../../../quantities/json.js';
import type {Clock} from '../../../system/clock.js';
import {describeError} from '../../../system/error.js';
import type {Candidate, Debt, Op, Proof, TargetRef} from '../../contract.js';
import {readMarks} from '../../debt.js';
import type {ProxyClient} from './client.js';
import {VERSION} from './drafts.js';
import {isCertainlyDead} from './liveness.js';

export function candidateOf({instance}: StateView, connection: ConnectionView): Candidate {
  const {name, listen, upstream, open, toxics} = connection;
  return {
    ref: {
      driver: 'proxy',
      kind: 'connection',
      name,
      endpoint: instance.endpoint,
      object: name,
      incarnation: instance.incarnation,
    },
    status: 'listening',
    details: {listen, upstream, open, toxics: toxics.map(toxic => toxic.id)},
  };
}

/** Named properties for the leak check; nothing that changes by itself, such as counters and time left. */
export function facetsOf({upstream, toxics}: ConnectionView): JsonObject {
  return {
    enabled: toxics.every(toxic => toxic.type !== 'down'),
    upstream,
    toxics: toxics.map(({id, type, attributes, direction, share}) => ({id, type, attributes, direction, share})),
  };
}

/** A toxic is a segment of the control API's paths. */
const toxicForm = () =>
  z.strictObject({id: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/, 'the id of a toxic')});
const UNDOS = {'toxic.remove': {args: toxicForm, proofs: {'toxic.read': toxicForm}}};

/**
 * What the marks owe, of one run or of all, and what of them nothing can be done for. The proxy keeps them as they were
 * given.
 */
export function marksIn({instance, connections}: StateView, run?: string): ReturnType<typeof readMarks> {
  const marks = connections.flatMap(({name, mark}) =>
    mark === null || (run !== undefined && mark.run !== run)
      ? []
      : {
          where: `connection \`${name}\` of the proxy`,
          run: mark.run,
          debts: mark.debts.map(({debt}) => debt),
          isOn: ({undo}: Debt) => undo.ref.object === name,
        },
  );
  return readMarks(marks, {driver: 'proxy', version: VERSION, endpoint: instance.endpoint, undos: UNDOS});
}

/** The connection that a reference means; undefined when the proxy was restarted or no longer has it. */
export function connectionOf({instance, connections}: StateView, ref: TargetRef): ConnectionView | undefined {
  if (instance.incarnation !== ref.incarnation) return undefined;
  return connections.find(connection => connection.name === ref.object);
}

/**
 * One answer per proof. What cannot be read is unknown, unless the proxy process is certainly dead, and its toxics with
 * it.
 */
export async function proveAll(
  client: ProxyClient,
  proofs: readonly Op[],
  clock: Clock,
  signal?: AbortSignal,
): Promise<readonly Proof[]> {
  try {
    const state = await client.state(signal);
    return proofs.map(proof => ({ref: proof.ref, at: clock.now(), ...read(state, proof)}));
  } catch (error) {
    signal?.throwIfAborted();
    return Promise.all(
      proofs.map(async ({ref}): Promise<Proof> => {
        const dead = await isCertainlyDead(ref.incarnation);
        const why = dead ? 'the proxy process has ended' : describeError(error);
        return {ref, state: dead ? 'absent' : 'unknown', exercised: null, readings: {}, at: clock.now(), why};
      }),
    );
  }
}

type ToxicProof = Omit<Proof, 'ref' | 'at'>;

function read(state: StateView, {op, v, ref, args}: Op): ToxicProof {
  const nothing = {exercised: null, readings: {}};
  if (op !== 'toxic.read' || v !== VERSION) return {state: 'unknown', ...nothing, why: `unknown proof \`${op}@${v}\``};
  if (state.instance.endpoint !== ref.endpoint) {
    return {state: 'unknown', ...nothing, why: `another proxy answers there: \`${state.instance.endpoint}\``};
  }
  const connection = connectionOf(state, ref);
  if (connection === undefined) return {state: 'absent', ...nothing, why: 'the proxy was restarted'};
  const toxic = connection.toxics.find(one => one.id === args['id']);
  if (toxic !== undefined) return inForce(connection, toxic);
  const ended = connection.ended.findLast(one => one.id === args['id']);
  if (ended === undefined) return {state: 'absent', ...nothing};
  const why = ended.why === 'expired' ? 'its time to live ran out' : 'it was removed';
  return {state: 'absent', exercised: null, readings: {...ended.counters}, why};
}

function inForce({open}: ConnectionView, {counters, exercised, leftMs}: ToxicView): ToxicProof {
  return {state: 'in-force', exercised, readings: {open, leftMs, ...counters}};
}
