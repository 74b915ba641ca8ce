import type {Event} from '../../src/record/events.js';
import type {Evidence} from '../../src/record/evidence.js';
import type {Surrounding} from '../../src/targets/surroundings.js';
import {instant, target} from './records.js';

type Seen = Extract<Event, {type: 'surroundings.seen'}>;

export const HOSTILE = '"><script>alert(1)</script>';

interface Look extends Pick<Seen, 'when'>, Partial<Pick<Seen, 'targets' | 'mishaps'>> {
  /** Seconds since the start of the run. */
  readonly at: number;
}

/** The record with looks around at these seconds. */
export function around(evidence: Evidence, looks: readonly Look[]): Evidence {
  const seen = looks.map(({at, when, targets = [], mishaps = []}): Event => ({
    v: 1,
    seq: 0,
    epoch: 1,
    by: 'runner',
    audience: 'all',
    at: instant(at),
    type: 'surroundings.seen',
    when,
    targets,
    mishaps,
  }));
  const events = [...evidence.events, ...seen].sort((a, b) => a.at.mono - b.at.mono);
  return {...evidence, events: events.map((event, seq) => ({...event, seq}))};
}

/** What is around the target of the records. */
export const surrounding = (overrides: Partial<Surrounding> = {}): Surrounding => ({
  object: target().object,
  name: target().name,
  peers: [
    {name: 'shop-checkout-1', kind: 'container', way: 'from', port: 8080, connections: 3},
    {name: HOSTILE, kind: 'container', way: 'to', port: 5432, connections: 1},
  ],
  ...overrides,
});
