import type {JsonObject} from '../../../quantities/json.js';
import type {Clock} from '../../../system/clock.js';
import {describeError} from '../../../system/error.js';
import {commandLine, isAlive, statOf} from '../../../system/processes.js';
import type {Ambient, Op, Proof, TargetRef} from '../../contract.js';
import {hashOf} from '../local-marks.js';
import {identityFrom, incarnationOf, isOwn, locate, startedFor} from './objects.js';
import {countMatching, lookAtNamed} from './process-tree.js';
import {signalWasSent, VERSION} from './operations.js';
import {resourceProofs} from './resource-operations.js';

interface ProofInput {
  readonly op: Op;
  readonly ambient: Ambient;
}

type ProofFinding = {readonly holds: boolean; readonly saw: JsonObject};

const PROOFS: Readonly<Record<string, (asked: ProofInput) => Promise<ProofFinding>>> = {
  'process.paused': paused,
  'process.ended': ended,
  'process.down': down,
  'process.replaced': replaced,
  'process.running': running,
  'process.inner-stopped': innerStopped,
  'process.any-inner-stopped': anyInnerStopped,
  'process.inner-ended': innerEnded,
  'process.inner-missing': innerMissing,
};

/** Reads one proof from the process table. Never throws. */
export async function readProof(op: Op, ambient: Ambient, clock: Clock): Promise<Proof> {
  const base = {ref: op.ref, exercised: null};
  const resource = op.v === VERSION ? resourceProofs[op.op] : undefined;
  if (resource !== undefined) {
    const unknown = (error: unknown) => ({state: 'unknown' as const, readings: {}, why: describeError(error)});
    return {...base, ...(await resource(op).catch(unknown)), at: clock.now()};
  }
  const proof = PROOFS[op.op];
  if (proof === undefined || op.v !== VERSION) {
    const why = `expected a proof of process@${VERSION}; got \`${op.op}\` of version ${op.v}`;
    return {...base, state: 'unknown', readings: {}, at: clock.now(), why};
  }
  try {
    const {holds, saw} = await proof({op, ambient});
    return {...base, state: holds ? 'in-force' : 'absent', readings: saw, at: clock.now()};
  } catch (error) {
    return {...base, state: 'unknown', readings: {}, at: clock.now(), why: describeError(error)};
  }
}

/** State `T` of the thread group's leader: SIGSTOP stops all its threads. */
async function paused({op}: ProofInput): Promise<ProofFinding> {
  const who = identityFrom(op.ref.incarnation);
  const now = who === undefined ? undefined : await statOf(who.pid);
  const same = now !== undefined && now.startTicks === who?.startTicks && (await isAlive(who));
  return {holds: same && now.state === 'T', saw: {pid: who?.pid ?? null, state: same ? now.state : 'gone'}};
}

/** The process is gone, or was sent a signal that it may survive. */
async function ended({op, ambient}: ProofInput): Promise<ProofFinding> {
  const who = identityFrom(op.ref.incarnation);
  if (who === undefined) return {holds: false, saw: {state: 'not started'}};
  const alive = await isAlive(who);
  const sent = op.args['signal'] !== undefined && (await signalWasSent(op, ambient));
  return {holds: !alive || sent, saw: {pid: who.pid, alive, ...(sent ? {sent: op.args['signal'] ?? null} : {})}};
}

async function down({op, ambient}: ProofInput): Promise<ProofFinding> {
  const who = await locate(op.ref.object, isOwn(op.ref.object, ambient.stateDir));
  return {holds: who === undefined, saw: {pid: who?.pid ?? null}};
}

async function replaced({op, ambient}: ProofInput): Promise<ProofFinding> {
  const who = await locate(op.ref.object, isOwn(op.ref.object, ambient.stateDir));
  return {holds: who !== undefined && incarnationOf(who) !== op.ref.incarnation, saw: {pid: who?.pid ?? null}};
}

/** Anything that was started for this object still runs. */
async function running({op, ambient}: ProofInput): Promise<ProofFinding> {
  const {object} = op.ref;
  const pids = (await startedFor(object, isOwn(object, ambient.stateDir))).map(who => who.pid);
  return {holds: pids.length > 0, saw: {pids}};
}

/** All that are left stand still. One that goes on was continued by someone. */
async function innerStopped({op}: ProofInput): Promise<ProofFinding> {
  const saw = await lookAtNamed(op.args);
  return {holds: saw.living > 0 && saw.stopped === saw.living, saw};
}

async function anyInnerStopped({op}: ProofInput): Promise<ProofFinding> {
  const saw = await lookAtNamed(op.args);
  return {holds: saw.stopped > 0, saw};
}

async function innerEnded({op}: ProofInput): Promise<ProofFinding> {
  const saw = await lookAtNamed(op.args);
  return {holds: saw.living === 0, saw};
}

async function innerMissing({op, ambient}: ProofInput): Promise<ProofFinding> {
  const [before, now] = [Number(op.args['before']), await countMatching(op, isOwn(op.ref.object, ambient.stateDir))];
  return {holds: now < before, saw: {before, now}};
}

/** What the leak check compares: nothing here changes by itself. */
export async function facetsOf(ref: TargetRef, ambient: Ambient): Promise<JsonObject> {
  const who = await locate(ref.object, isOwn(ref.object, ambient.stateDir));
  if (who === undefined) return {running: false, paused: false, cmdline: null};
  const stat = await statOf(who.pid);
  return {
    running: true,
    paused: stat?.state === 'T',
    cmdline: hashOf((await commandLine(who.pid)).join('\0')).slice(0, 16),
  };
}
