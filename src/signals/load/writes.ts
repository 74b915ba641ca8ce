import {asId} from '../writes/id.js';
import {memoryOf, WriteLog, type Writes} from '../writes/log.js';
import {mayHaveArrived, type RequestOutcome} from './outcome.js';
import type {ScenarioPosition} from './script.js';

/** What a load has written, by the name of the request; the short form has one without a name. */
export type WritesByRequest = ReadonlyMap<string | undefined, Writes>;

/** The ids of what a load writes, kept while it runs. */
export class LoadWrites {
  private readonly logs = new Map<string | undefined, WriteLog>();

  /** A request has its outcome. */
  ended({place, sentAt}: {readonly place: ScenarioPosition; readonly sentAt: number}, outcome: RequestOutcome): void {
    const {sender, user} = place;
    const acknowledged = outcome === 'ok';
    if (sender.writes === undefined || !(acknowledged || mayHaveBeenDone(outcome))) return;
    const id =
      sender.writes.sent === undefined ? (acknowledged ? user.written : undefined) : asId(sender.writes.sent(user));
    let log = this.logs.get(place.request);
    if (log === undefined) this.logs.set(place.request, (log = new WriteLog()));
    log.add({id, sentUs: sentAt, acknowledged});
  }

  /** All of them. To be called when the load has ended. */
  all(): WritesByRequest {
    return new Map([...this.logs].map(([request, log]) => [request, log.all()]));
  }
}

/** A request that was answered badly may have been carried out as well as one that got no answer. */
function mayHaveBeenDone(outcome: RequestOutcome): boolean {
  return mayHaveArrived(outcome) || /^(?:status-|check-|database)/.test(outcome);
}

/** The memory of all of them, to be handed over. */
export function memoryOfWrites(writes: WritesByRequest): readonly ArrayBuffer[] {
  return [...writes.values()].flatMap(memoryOf);
}
