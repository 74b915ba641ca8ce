import type * as z from 'zod';
import type {JsonObject} from '../quantities/json.js';
import type {Change, Drafts, Heal, Kind, TargetRef} from '../targets/contract.js';

/**
 * What a fault is asked: draft changes for these targets. `forMs` is how long it will hold (for target-side deadlines).
 */
export interface DraftRequest<P, N extends keyof Drafts> {
  readonly targets: readonly TargetRef[];
  readonly parameters: P;
  readonly can: Pick<Drafts, N>;
  readonly heal: Heal;
  readonly forMs: number;
  /** What the targets of the file resolved to, by name: for parameters that name other targets. */
  readonly named: Readonly<Record<string, readonly TargetRef[]>>;
  readonly signal: AbortSignal;
}

/** What a fault is on some kinds of target: its parameters there, the drafts it needs and how it drafts. Pure. */
export interface Form<P, N extends keyof Drafts> {
  readonly hits: readonly Kind[];
  readonly needs: readonly N[];
  /** Built lazily: only the schemas a file names are constructed. */
  readonly parameters: () => z.ZodType<P>;
  draft(request: DraftRequest<P, N>): Promise<readonly Change[]>;
}

/** What holds for a fault whatever it hits. */
export interface About {
  readonly name: string;
  /** One sentence for the reference. */
  readonly summary: string;
  /** A state fault holds until undone; an event fault happens once. */
  readonly nature: 'state' | 'event';
}

/** A form whose parameter type is no longer known statically. */
export interface AnyForm {
  readonly hits: readonly Kind[];
  readonly needs: readonly (keyof Drafts)[];
  readonly parameters: () => z.ZodType;
  draft(
    request: Omit<DraftRequest<JsonObject, keyof Drafts>, 'can'> & {can: Partial<Drafts>},
  ): Promise<readonly Change[]>;
}

/**
 * One kind of fault, as the registry holds it: it drafts changes as data; drivers act. No two forms hit the same kind.
 */
export interface AnyFault extends About {
  readonly forms: readonly AnyForm[];
}

/**
 * Erases a form's types. `parameters` given to `draft` are the already validated and normalised ones from the file; a
 * missing capability is a bug here because the plan has checked `needs` before.
 */
export function form<P, N extends keyof Drafts>(one: Form<P, N>): AnyForm {
  return {
    ...one,
    draft: request => one.draft({...request, parameters: request.parameters as P, can: request.can as Pick<Drafts, N>}),
  };
}

/** A fault that is the same on every kind of target it hits. */
export function defineFault<P, N extends keyof Drafts>({name, summary, nature, ...only}: About & Form<P, N>): AnyFault {
  return {name, summary, nature, forms: [form(only)]};
}

/** A fault with other parameters or another mechanism on other kinds of target. */
export function defineForms(about: About, ...forms: readonly AnyForm[]): AnyFault {
  return {...about, forms};
}

export function formFor(fault: AnyFault, kind: Kind): AnyForm | undefined {
  return fault.forms.find(({hits}) => hits.includes(kind));
}

/** Every kind that a fault hits in one form or another. */
export function hitsOf(fault: AnyFault): readonly Kind[] {
  return fault.forms.flatMap(({hits}) => hits);
}
