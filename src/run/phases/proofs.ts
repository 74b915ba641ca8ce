import type {JsonObject} from '../../quantities/json.js';
import {describeError} from '../../system/error.js';
import type {Op, Proof} from '../../targets/contract.js';
import {withDeadline} from '../safety/with-deadline.js';
import type {RunContext} from '../context.js';
import type {LocatedChange} from '../../targets/contract.js';

/** A proof to take, and how its endpoint is reached. */
export interface ProofRequest {
  readonly op: Op;
  readonly address: JsonObject;
}

export interface ProofBounds {
  readonly signal: AbortSignal;
  /** How long the answers may take: an endpoint that hangs must not hold up an undo. */
  readonly withinMs: number;
}

/** After the bound, for a driver to hand over those answers that it has. */
const GRACE_MS = 500;

function unknown(context: RunContext, asked: readonly ProofRequest[], why: string): readonly Proof[] {
  const at = context.ports.clock.now();
  return asked.map(({op}) => ({ref: op.ref, state: 'unknown', exercised: null, readings: {}, at, why}));
}

/**
 * The proofs of one connection in one call. Never rejects, and answers in time: what cannot be read by then is
 * `unknown`.
 */
async function proveGroup(
  context: RunContext,
  asked: readonly ProofRequest[],
  {signal, withinMs}: ProofBounds,
): Promise<readonly Proof[]> {
  const {clock} = context.ports;
  const [first] = asked;
  if (first === undefined) return [];
  const late = new AbortController();
  const over = new AbortController();
  const tooLate = `no answer within ${Math.round(withinMs)} ms`;
  clock.sleep(withinMs, over.signal).then(
    () => late.abort(new Error(tooLate)),
    () => undefined,
  );
  const proving = async () => {
    const reader = await context.readers.get(first.op.ref.driver, first.address);
    const bounded = AbortSignal.any([signal, late.signal]);
    return reader.prove(
      asked.map(({op}) => op),
      bounded,
    );
  };
  try {
    const proofs = await withDeadline(clock, withinMs + GRACE_MS, proving(), () => unknown(context, asked, tooLate));
    return asked.map((one, i) => proofs[i] ?? unknown(context, [one], 'the driver gave no answer')[0]).filter(isProof);
  } catch (error) {
    return unknown(context, asked, describeError(error));
  } finally {
    over.abort();
  }
}

function isProof(proof: Proof | undefined): proof is Proof {
  return proof !== undefined;
}

/**
 * Takes all proofs, one call a connection; one answer each, in order. Never rejects: what cannot be read is `unknown`.
 */
export async function prove(
  context: RunContext,
  asked: readonly ProofRequest[],
  bounds: ProofBounds,
): Promise<readonly Proof[]> {
  const groups = new Map<string, number[]>();
  asked.forEach(({op, address}, i) => {
    const key = JSON.stringify([op.ref.driver, address]);
    groups.set(key, [...(groups.get(key) ?? []), i]);
  });
  const answers: Proof[] = [];
  await Promise.all(
    [...groups.values()].map(async places => {
      const proofs = await proveGroup(
        context,
        places.flatMap(place => asked[place] ?? []),
        bounds,
      );
      places.forEach((place, nth) => {
        const proof = proofs[nth];
        if (proof !== undefined) answers[place] = proof;
      });
    }),
  );
  return answers;
}

/** The proofs of all changes, in their order. */
export function proveAll(
  context: RunContext,
  changes: readonly LocatedChange[],
  bounds: ProofBounds,
): Promise<readonly Proof[]> {
  return prove(
    context,
    changes.map(({change, address}) => ({op: change.proof, address})),
    bounds,
  );
}
