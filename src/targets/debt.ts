import {isDeepStrictEqual} from 'node:util';
import * as z from 'zod';
import type {JsonObject} from '../quantities/json.js';
import type {Debt, Op, UnreadableMark} from './contract.js';

/**
 * What comes back from a ledger or a mark is data that anyone may have written or damaged: here it becomes a debt, or a
 * reason why not.
 */

/**
 * One pattern for the names of runs. Paths and names in the world are built from what matches it and from nothing else.
 */
const RUN_ID = /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/;

export function isRunId(text: string): boolean {
  return RUN_ID.test(text);
}

const object = () =>
  z.custom<JsonObject>(value => typeof value === 'object' && value !== null && !Array.isArray(value), 'an object');
const instant = () => z.looseObject({mono: z.number(), wall: z.string(), boot: z.string()});
const ref = () =>
  z.looseObject({
    driver: z.string(),
    kind: z.string(),
    name: z.string(),
    endpoint: z.string(),
    object: z.string(),
    incarnation: z.string(),
  });
const operation = {op: z.string(), v: z.int(), ref: ref(), args: object()};
const leaseShape = () => z.looseObject({ms: z.number(), hardStop: instant(), spareMs: z.number().min(0).optional()});

const debtShape = z.looseObject({
  id: z.string().min(1),
  run: z.string().regex(RUN_ID, 'the name of a run'),
  occurrence: z.string(),
  epoch: z.int().min(0).max(1e9),
  driver: z.string(),
  address: object(),
  undo: z.looseObject({
    ...operation,
    lifetime: z.enum(['object', 'incarnation']),
    restore: z
      .looseObject({was: z.unknown(), ours: z.unknown()})
      .refine(value => 'was' in value && 'ours' in value, 'both values')
      .optional(),
    proof: z.looseObject(operation),
    manual: z.string(),
    inFlightMs: z.number().min(0).optional(),
    lastsMs: z.number().min(0).optional(),
  }),
  touches: z.array(z.string()).optional(),
  lease: leaseShape(),
});

/** What is wrong, where: "undo.args: expected an object". */
function problemIn(error: z.ZodError): string {
  const [issue] = error.issues;
  const path = issue?.path.join('.') ?? '';
  return `${path === '' ? '' : `${path}: `}${issue?.message ?? 'it cannot be read'}`;
}

/** The value as a debt, or why it is none. */
export function debtFrom(value: unknown): Debt | string {
  const parsed = debtShape.safeParse(value);
  // The value itself: what a newer version wrote beside what is known here stays with it.
  return parsed.success ? (value as Debt) : problemIn(parsed.error);
}

export function leaseFrom(value: unknown): Debt['lease'] | undefined {
  return leaseShape().safeParse(value).success ? (value as Debt['lease']) : undefined;
}

/** An operation that undoes something, as a mark may ask for it. */
export interface UndoForm {
  readonly args: () => z.ZodType;
  /** The read-only operations that may verify it, with their arguments. */
  readonly proofs: Readonly<Record<string, () => z.ZodType>>;
}

/** A mark as it was found, and what it is on. */
export interface FoundMark {
  /** For people: where to look at it. */
  readonly where: string;
  /** Whose it says it is. */
  readonly run: unknown;
  readonly debts: readonly unknown[];
  /** The objects that carry the mark. A debt on another one is nobody's word. */
  readonly isOn: (debt: Debt) => boolean;
}

/** The world that marks were read from, and what they may ask for. */
export interface MarkRules {
  readonly driver: string;
  readonly version: number;
  readonly endpoint: string;
  readonly undos: Readonly<Record<string, UndoForm>>;
}

/** A request that is still on its way is waited for, but no mark can make anybody wait longer. */
const LONGEST_IN_FLIGHT_MS = 600_000;

function wrongOp(
  {op, v, ref: of, args}: Op,
  form: (() => z.ZodType) | undefined,
  rules: MarkRules,
): string | undefined {
  if (form === undefined) return `it asks for \`${op}\`, which undoes nothing of ${rules.driver}`;
  if (v !== rules.version) return `it asks for version ${v} of \`${op}\`; this is version ${rules.version}`;
  if (of.driver !== rules.driver) return `it is about a target of \`${of.driver}\`, on a mark of ${rules.driver}`;
  if (of.endpoint !== rules.endpoint)
    return `it is about endpoint \`${of.endpoint}\`; the mark is on \`${rules.endpoint}\``;
  const parsed = form().safeParse(args);
  return parsed.success ? undefined : `the arguments of \`${op}\` are not its own: ${problemIn(parsed.error)}`;
}

/** Why nothing is done for a debt that a mark in this world holds. */
function refusal(debt: Debt, mark: FoundMark, rules: MarkRules): string | undefined {
  const {undo} = debt;
  if (debt.driver !== `${rules.driver}@${rules.version}`)
    return `it asks for the driver \`${debt.driver}\`; what is marked here is undone by ${rules.driver}@${rules.version} only`;
  if (debt.run !== mark.run) return `it is of run \`${debt.run}\`, on a mark of another run`;
  if (!isDeepStrictEqual(undo.proof.ref, undo.ref)) return 'its proof is about another target than its undo';
  const form = Object.hasOwn(rules.undos, undo.op) ? rules.undos[undo.op] : undefined;
  const proofs = form?.proofs ?? {};
  const wrong =
    wrongOp(undo, form?.args, rules) ??
    wrongOp(undo.proof, Object.hasOwn(proofs, undo.proof.op) ? proofs[undo.proof.op] : undefined, rules);
  if (wrong !== undefined) return wrong;
  return mark.isOn(debt) ? undefined : `it is about \`${undo.ref.object}\`, which does not carry the mark`;
}

/**
 * What marks in a world owe. A mark is data and never a program: it can ask for undos of the driver and the endpoint
 * that it was read from, on the object that carries it, with arguments of their form. Everything else is unreadable.
 */
export function readMarks(
  marks: readonly FoundMark[],
  rules: MarkRules,
): {readonly debts: readonly Debt[]; readonly unreadable: readonly UnreadableMark[]} {
  const debts: Debt[] = [];
  const unreadable: UnreadableMark[] = [];
  for (const mark of marks) {
    const {run, where} = mark;
    const whose = typeof run === 'string' && isRunId(run) ? {run} : {};
    for (const value of mark.debts) {
      const debt = debtFrom(value);
      const why = typeof debt === 'string' ? debt : refusal(debt, mark, rules);
      if (why !== undefined) unreadable.push({where, why, ...whose});
      else if (typeof debt !== 'string') debts.push(bounded(debt));
    }
    if (mark.debts.length === 0) unreadable.push({where, why: 'it holds no debt that can be read', ...whose});
  }
  return {debts, unreadable};
}

function bounded(debt: Debt): Debt {
  const {inFlightMs} = debt.undo;
  if (inFlightMs === undefined || inFlightMs <= LONGEST_IN_FLIGHT_MS) return debt;
  return {...debt, undo: {...debt.undo, inFlightMs: LONGEST_IN_FLIGHT_MS}};
}
