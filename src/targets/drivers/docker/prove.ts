import type {Op, Proof, ProofAnswer} from '../../contract.js';
import {inspectContainer, type ContainerView} from './engine/container.js';
import {IN_FLIGHT, type Engine} from './engine/engine.js';
import {messageOf} from './engine/failures.js';
import {groupsBy, mapInFlight} from '../../../system/in-flight.js';
import {questionNamed, VERSION} from './mechanisms/index.js';
import type {ContainerQuestion} from './mechanisms/operation.js';
import {listById} from './engine/views.js';

/** With fewer, an inspect of each tells more for as little. */
const FEWEST = 3;

function unknown(why: string): ProofAnswer {
  return {state: 'unknown', readings: {}, why};
}

interface IndexedOp {
  readonly op: Op;
  readonly index: number;
}

type PlacedQuestion = IndexedOp & {readonly question: ContainerQuestion};

/** Who answers, or why nobody can. */
function questionFor(engine: Engine, {op, v, ref}: Op): ContainerQuestion | string {
  if (ref.endpoint !== engine.id) return `it is on another engine (${ref.endpoint}), not on ${engine.id}`;
  const question = v === VERSION ? questionNamed(op) : undefined;
  return question ?? `this version cannot answer \`${op}@${v}\``;
}

class Proving {
  readonly answers: Proof[] = [];
  private readonly views = new Map<string, Promise<ContainerView | 'gone'>>();

  constructor(
    private readonly engine: Engine,
    private readonly signal: AbortSignal,
  ) {}

  take({op, index}: IndexedOp, said: ProofAnswer): void {
    this.answers[index] = {exercised: null, ...said, ref: op.ref, at: this.engine.clock.now()};
  }

  /** Each container is read once. */
  private view(object: string): Promise<ContainerView | 'gone'> {
    const view = this.views.get(object) ?? inspectContainer(this.engine, object, this.signal);
    this.views.set(object, view);
    return view;
  }

  /** Takes what `read` answers; a failure is an answer too, unless it is the signal's. */
  private async attempt<T>(places: readonly IndexedOp[], read: () => Promise<T>): Promise<T | undefined> {
    try {
      return await read();
    } catch (error) {
      this.signal.throwIfAborted();
      for (const place of places) this.take(place, unknown(`it cannot be read: ${messageOf(error)}`));
      return undefined;
    }
  }

  async one(place: IndexedOp, question: ContainerQuestion): Promise<void> {
    const {engine, signal} = this;
    const {ref, args} = place.op;
    const said = await this.attempt([place], async () => {
      return question({engine, view: await this.view(ref.object), args, signal});
    });
    if (said !== undefined) this.take(place, said);
  }

  /** By the states that one list shows; answers those that it cannot answer. */
  async byStates(asked: readonly PlacedQuestion[]): Promise<readonly PlacedQuestion[]> {
    if (asked.length < FEWEST) return asked;
    const objects = [...new Set(asked.map(({op}) => op.ref.object))];
    const listed = await listById(this.engine, objects, this.signal).catch(() => undefined);
    if (listed === undefined) {
      this.signal.throwIfAborted();
      return asked;
    }
    const states = new Map(listed.map(({Id, State}) => [Id, State]));
    return asked.filter(place => {
      const {object} = place.op.ref;
      const state = states.has(object) ? states.get(object) : 'gone';
      if (state === undefined || place.question.byState === undefined) return true;
      this.take(place, place.question.byState(state));
      return false;
    });
  }

  async many(places: readonly IndexedOp[], askAll: NonNullable<ContainerQuestion['askAll']>): Promise<void> {
    const seen = await mapInFlight(places, IN_FLIGHT, async place => {
      const view = await this.attempt([place], () => this.view(place.op.ref.object));
      return view === undefined ? [] : [{place, view, args: place.op.args}];
    });
    const asked = seen.flat();
    const askedPlaces = asked.map(({place}) => place);
    const said = await this.attempt(askedPlaces, () => askAll(this.engine, asked, this.signal));
    said?.forEach((answer, nth) => {
      const place = askedPlaces[nth];
      if (place !== undefined) this.take(place, answer);
    });
  }
}

/**
 * One answer per proof, in order; each container is read once, or all with one list. Rejects only with the signal's
 * reason.
 */
export async function proveAll(engine: Engine, proofs: readonly Op[], signal: AbortSignal): Promise<readonly Proof[]> {
  const proving = new Proving(engine, signal);
  const single: PlacedQuestion[] = [];
  const byState: PlacedQuestion[] = [];
  const together = new Map<NonNullable<ContainerQuestion['askAll']>, IndexedOp[]>();
  proofs.forEach((op, index) => {
    const question = questionFor(engine, op);
    const place = {op, index};
    if (typeof question === 'string') proving.take(place, unknown(question));
    else if (question.byState !== undefined) byState.push({...place, question});
    else if (question.askAll === undefined) single.push({...place, question});
    else together.set(question.askAll, [...(together.get(question.askAll) ?? []), place]);
  });
  single.push(...(await proving.byStates(byState)));
  const byObject = groupsBy(single, ({op}) => op.ref.object);
  await mapInFlight(byObject, IN_FLIGHT, async ([, group]) => {
    for (const place of group) await proving.one(place, place.question);
  });
  for (const [askAll, places] of together) await proving.many(places, askAll);
  return proving.answers;
}
