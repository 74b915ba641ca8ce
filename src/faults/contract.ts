import type {z} from 'zod';
import type {JsonObject} from '../quantities/json.js';
import type {Change, Drafts, Heal, Kind, TargetRef} from '../targets/contract.js';

/** What a fault is asked: draft changes for these targets. `forMs` is how long it will hold (for target-side deadlines). */
export interface DraftRequest<P, N extends keyof Drafts> {
  readonly targets: readonly TargetRef[];
  readonly parameters: P;
  readonly can: Pick<Drafts, N>;
  readonly heal: Heal;
  readonly forMs: number;
  readonly signal: AbortSignal;
}

/** One kind of fault: pure. It drafts changes as data; drivers act. */
export interface Fault<P, N extends keyof Drafts> {
  readonly name: string;
  /** One sentence for the reference. */
  readonly summary: string;
  /** A state fault holds until undone; an event fault happens once. */
  readonly nature: 'state' | 'event';
  readonly hits: readonly Kind[];
  readonly needs: readonly N[];
  /** Built lazily: only the schemas a file names are constructed. */
  readonly parameters: () => z.ZodType<P>;
  draft(request: DraftRequest<P, N>): Promise<readonly Change[]>;
}

/** A fault whose parameter type is no longer known statically, as the registry holds it. */
export interface AnyFault {
  readonly name: string;
  readonly summary: string;
  readonly nature: 'state' | 'event';
  readonly hits: readonly Kind[];
  readonly needs: readonly (keyof Drafts)[];
  readonly parameters: () => z.ZodType;
  draft(
    request: Omit<DraftRequest<JsonObject, keyof Drafts>, 'can'> & {can: Partial<Drafts>},
  ): Promise<readonly Change[]>;
}

/**
 * Erases a fault's types for the registry. `parameters` given to `draft` are the already validated and normalised ones
 * from the file; a missing capability is a bug here because the plan has checked `needs` before.
 */
export function defineFault<P, N extends keyof Drafts>(fault: Fault<P, N>): AnyFault {
  return {
    ...fault,
    draft: request =>
      fault.draft({...request, parameters: request.parameters as P, can: request.can as Pick<Drafts, N>}),
  };
}
