import {requestsIn, scenariosOf, type LoadSpec, type ScenarioStep} from './spec.js';
import type {Random} from '../../quantities/random.js';
import {CookieJar} from '../http/cookies.js';
import type {ValuePlace} from './escaping.js';
import {placeholdersIn} from './placeholder.js';
import {textsOf} from './request-text.js';
import type {LoadSender, RequestParts} from './requests.js';
import {requestSender} from './senders.js';
import type {LoadUser, Users} from './user.js';

/** A step of a scenario, ready to be taken. */
type Step =
  {readonly request: string | undefined; readonly sender: LoadSender} | {readonly thinkMs: readonly [number, number]};

/** Where a user is in a scenario: the request that is to be sent next. */
export interface ScenarioPosition {
  /** When it is to be sent, mono µs. */
  readonly intended: number;
  /** Its name; undefined in a load without scenarios. */
  readonly request: string | undefined;
  readonly sender: LoadSender;
  readonly user: LoadUser;
  readonly steps: readonly Step[];
  /** Its number in `steps`. */
  readonly at: number;
}

interface Scenario {
  readonly weight: number;
  readonly cookies: boolean;
  readonly steps: readonly Step[];
}

/** What users of a load do. */
export class Script {
  private readonly allWeights: number;

  constructor(
    private readonly scenarios: readonly Scenario[],
    private readonly random: Random,
    private readonly users: Users,
  ) {
    this.allWeights = scenarios.reduce((sum, {weight}) => sum + weight, 0);
  }

  /** A user begins one of the scenarios, drawn by weight. */
  begin(intended: number): ScenarioPosition | undefined {
    const drawn = this.draw();
    if (drawn === undefined) return undefined;
    return this.from(drawn.steps, 0, intended, this.users.next(drawn.cookies ? new CookieJar() : undefined));
  }

  /** What the user does after this request was answered at `now`; undefined at the end of the scenario. */
  after({steps, at, user}: ScenarioPosition, now: number): ScenarioPosition | undefined {
    return this.from(steps, at + 1, now, user);
  }

  /** Ends all connections that are not those of the HTTP client. To be called when no request is open. */
  async close(): Promise<void> {
    const senders = this.scenarios.flatMap(({steps}) => steps.flatMap(step => ('sender' in step ? step.sender : [])));
    await Promise.all(senders.flatMap(sender => sender.close?.() ?? []));
  }

  private from(steps: readonly Step[], at: number, us: number, user: LoadUser): ScenarioPosition | undefined {
    let intended = us;
    for (let number = at; number < steps.length; number++) {
      const step = steps[number];
      if (step === undefined) return undefined;
      if ('sender' in step) return {intended, request: step.request, sender: step.sender, user, steps, at: number};
      const [from, to] = step.thinkMs;
      intended += 1000 * (from === to ? from : from + this.random() * (to - from));
    }
    return undefined;
  }

  private draw(): Scenario | undefined {
    const [only] = this.scenarios;
    if (this.scenarios.length === 1) return only;
    let left = this.random() * this.allWeights;
    const drawn = this.scenarios.find(({weight}) => (left -= weight) < 0);
    return drawn ?? this.scenarios.at(-1);
  }
}

/** @throws FiredrillError when one of the requests cannot be sent as it is written. */
export async function openScript(
  spec: LoadSpec,
  {random, users, ...parts}: Omit<RequestParts, 'uses'> & {random: Random; users: Users},
): Promise<Script> {
  const scenarios = [];
  for (const {weight, cookies = false, steps} of scenariosOf(spec)) {
    const ready: Step[] = [];
    for (const [at, step] of steps.entries()) {
      if ('thinkMs' in step) ready.push(step);
      else
        ready.push({
          request: spec.scenarios === undefined ? undefined : step.name,
          sender: await requestSender(step, {...parts, uses: usesIn(steps.slice(at + 1))}),
        });
    }
    scenarios.push({weight, cookies, steps: ready});
  }
  return new Script(scenarios, random, users);
}

/** Where these steps put the values that are carried, by name. */
function usesIn(steps: readonly ScenarioStep[]): ReadonlyMap<string, ReadonlySet<ValuePlace>> {
  const uses = new Map<string, Set<ValuePlace>>();
  for (const {text, place} of requestsIn(steps).flatMap(textsOf)) {
    for (const placeholder of placeholdersIn(text)) {
      if (placeholder.kind !== 'carry') continue;
      uses.set(placeholder.name, (uses.get(placeholder.name) ?? new Set()).add(place));
    }
  }
  return uses;
}
