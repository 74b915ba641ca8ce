import {scenariosOf, type LoadSpec} from '../../experiment/load.js';
import type {Random} from '../../quantities/random.js';
import type {LoadClient} from './client.js';
import type {Sender} from './exchange.js';

/** A step of a scenario, ready to be taken. */
type Step =
  {readonly request: string | undefined; readonly sender: Sender} | {readonly thinkMs: readonly [number, number]};

/** Where a user is in a scenario: the request that is to be sent next. */
export interface Place {
  /** When it is to be sent, mono µs. */
  readonly intended: number;
  /** Its name; undefined in a load without scenarios. */
  readonly request: string | undefined;
  readonly sender: Sender;
  readonly steps: readonly Step[];
  /** Its number in `steps`. */
  readonly at: number;
}

/** What users of a load do. */
export class Script {
  private readonly allWeights: number;

  constructor(
    private readonly scenarios: readonly {readonly weight: number; readonly steps: readonly Step[]}[],
    private readonly random: Random,
  ) {
    this.allWeights = scenarios.reduce((sum, {weight}) => sum + weight, 0);
  }

  /** A user begins one of the scenarios, drawn by weight. */
  begin(intended: number): Place | undefined {
    return this.from(this.draw(), 0, intended);
  }

  /** What the user does after this request was answered at `now`; undefined at the end of the scenario. */
  after({steps, at}: Place, now: number): Place | undefined {
    return this.from(steps, at + 1, now);
  }

  private from(steps: readonly Step[], at: number, us: number): Place | undefined {
    let intended = us;
    for (let number = at; number < steps.length; number++) {
      const step = steps[number];
      if (step === undefined) return undefined;
      if ('sender' in step) return {intended, request: step.request, sender: step.sender, steps, at: number};
      const [from, to] = step.thinkMs;
      intended += 1000 * (from === to ? from : from + this.random() * (to - from));
    }
    return undefined;
  }

  private draw(): readonly Step[] {
    const [only] = this.scenarios;
    if (this.scenarios.length === 1) return only?.steps ?? [];
    let left = this.random() * this.allWeights;
    const drawn = this.scenarios.find(({weight}) => (left -= weight) < 0);
    return (drawn ?? this.scenarios.at(-1))?.steps ?? [];
  }
}

/** @throws FiredrillError when one of the requests cannot be sent as it is written. */
export async function openScript(spec: LoadSpec, client: LoadClient, random: Random): Promise<Script> {
  const scenarios = [];
  for (const {weight, steps} of scenariosOf(spec)) {
    const ready: Step[] = [];
    for (const step of steps) {
      if (!('http' in step)) ready.push(step);
      else
        ready.push({
          request: spec.scenarios === undefined ? undefined : step.name,
          sender: await client.sender(step.http),
        });
    }
    scenarios.push({weight, steps: ready});
  }
  return new Script(scenarios, random);
}
