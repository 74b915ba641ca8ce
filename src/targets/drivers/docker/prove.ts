import type {Op, Proof} from '../../contract.js';
import {systemClock} from '../../../system/clock.js';
import {inspectContainer, type ContainerView} from './container.js';
import {IN_FLIGHT, type Engine} from './engine.js';
import {messageOf} from './failures.js';
import {groupsBy, mapInFlight} from './in-flight.js';
import {questionNamed, VERSION} from './operations/index.js';
import type {Answer} from './operations/operation.js';

function unknown(why: string): Answer {
  return {state: 'unknown', readings: {}, why};
}

async function answer(engine: Engine, op: Op, view: ContainerView | 'gone', signal: AbortSignal): Promise<Answer> {
  const question = op.v === VERSION ? questionNamed(op.op) : undefined;
  if (question === undefined) return unknown(`this version cannot answer \`${op.op}@${op.v}\``);
  return await question({engine, view, args: op.args, signal});
}

/** One answer per proof, in order; each container is read once. Rejects only with the signal's reason. */
export async function proveAll(engine: Engine, proofs: readonly Op[], signal: AbortSignal): Promise<readonly Proof[]> {
  const time = systemClock();
  const byObject = groupsBy(
    proofs.map((op, index) => ({op, index})),
    ({op}) => op.ref.object,
  );
  const answers: Proof[] = [];
  const take = (asked: {readonly op: Op; readonly index: number}, said: Answer) => {
    answers[asked.index] = {exercised: null, ...said, ref: asked.op.ref, at: time.now()};
  };
  await mapInFlight(byObject, IN_FLIGHT, async ([object, group]) => {
    let view: ContainerView | 'gone' | undefined;
    for (const asked of group) {
      try {
        const foreign = asked.op.ref.endpoint !== engine.id;
        if (foreign) {
          take(asked, unknown(`it is on another engine (${asked.op.ref.endpoint}), not on ${engine.id}`));
          continue;
        }
        view ??= await inspectContainer(engine, object, signal);
        take(asked, await answer(engine, asked.op, view, signal));
      } catch (error) {
        signal.throwIfAborted();
        take(asked, unknown(`it cannot be read: ${messageOf(error)}`));
      }
    }
  });
  return answers;
}
