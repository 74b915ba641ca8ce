import {rm, stat} from 'node:fs/promises';
import {join} from 'node:path';
import {setTimeout as delay} from 'node:timers/promises';
import {makeFolder} from '../../../system/files.js';
import {describeError} from '../../../system/error.js';
import {hasEnded, signalExactly, statOf, waitForEnd, type ProcessIdentity} from '../../../system/processes.js';
import type {Ambient, Applied, Op, OpOutcome} from '../../contract.js';
import {withLocalLock} from '../local-lock.js';
import {hashOf, writeDurably} from '../local-marks.js';
import {launchProcess, maskLogOf, stopProcess, stopStarted} from './launch.js';
import {hasTakenEffect} from '../inner-processes.js';
import {countMatching, lookAtNamed, signalNamed} from './process-tree.js';
import {identityFrom, isOwn, launchFrom, locate} from './objects.js';
import {resourceMutations} from './resource-operations.js';

/** Version of the operations' arguments. */
export const VERSION = 1;
const POLL_MS = 5;
/** How long the kernel may take to show a stop or a death, ms. */
const EFFECT_MS = 2_000;
/** Kept back from the budget so that the answer still comes within it. */
const SHARE_FOR_WORK = 0.9;

const done: OpOutcome = {state: 'done'};
const refused = (why: string): OpOutcome => ({state: 'refused', why});
const unknown = (why: string): OpOutcome => ({state: 'unknown', why});

interface OperationInput {
  readonly op: Op;
  readonly who: ProcessIdentity | undefined;
  readonly ambient: Ambient;
  readonly budgetMs: number;
}

const OPERATIONS: Readonly<Record<string, (work: OperationInput) => Promise<OpOutcome>>> = {
  'process.pause': pause,
  'process.resume': resume,
  'process.forget-signal': forgetSignal,
  'process.signal': signal,
  'process.stop': stop,
  'process.restart': restart,
  'process.start': start,
  'process.terminate': terminate,
  'process.signal-inner': signalInner,
  'process.continue-inner': continueInner,
  'process.await-inner': awaitInner,
};

/** One of those that change what the target may use. */
async function mutateResource(mutate: (typeof resourceMutations)[string], work: OperationInput): Promise<OpOutcome> {
  const why = await mutate(work);
  return why === undefined ? done : refused(why);
}

/** Carries out one operation on exactly the process it was drafted for. Never throws. */
export async function perform(op: Op, ambient: Ambient, budgetMs: number): Promise<Applied> {
  const mutate = resourceMutations[op.op];
  const operation = mutate === undefined ? OPERATIONS[op.op] : (work: OperationInput) => mutateResource(mutate, work);
  if (operation === undefined || op.v !== VERSION)
    return {
      op,
      ...refused(`expected an operation of process@${VERSION}; got \`${op.op}\` of version ${op.v}`),
      sent: false,
    };
  try {
    const who = identityFrom(op.ref.incarnation);
    return {op, ...(await operation({op, who, ambient, budgetMs: budgetMs * SHARE_FOR_WORK}))};
  } catch (error) {
    return {op, ...unknown(describeError(error))};
  }
}

const gone = ({op}: OperationInput) =>
  refused(`\`${op.ref.name}\` (${op.ref.incarnation.split(':')[0] ?? ''}) is gone`);

async function pause(work: OperationInput): Promise<OpOutcome> {
  const {who} = work;
  if (who === undefined || !(await signalExactly(who, 'SIGSTOP'))) return gone(work);
  const deadline = performance.now() + Math.min(work.budgetMs, EFFECT_MS);
  for (;;) {
    const now = await statOf(who.pid);
    if (now?.state === 'T') return done;
    if (now?.startTicks !== who.startTicks || hasEnded(now)) return gone(work);
    if (performance.now() >= deadline) return unknown(`it is in state \`${now.state}\` after SIGSTOP`);
    await delay(POLL_MS);
  }
}

/** Nothing to do for a process that is gone: its pause went with it. */
async function resume({who}: OperationInput): Promise<OpOutcome> {
  if (who !== undefined) await signalExactly(who, 'SIGCONT');
  return done;
}

/** Where it is noted that a signal was sent that its receiver may survive. */
function sentPath({ref, args}: Op, ambient: Ambient): string {
  return join(
    ambient.stateDir,
    'processes',
    `${hashOf(JSON.stringify([ref.object, ref.incarnation, args['signal'] ?? null]))}.sent`,
  );
}

export async function signalWasSent(op: Op, ambient: Ambient): Promise<boolean> {
  return stat(sentPath(op, ambient)).then(
    () => true,
    () => false,
  );
}

async function forgetSignal({op, ambient}: OperationInput): Promise<OpOutcome> {
  await rm(sentPath(op, ambient), {force: true});
  return done;
}

async function signal(work: OperationInput): Promise<OpOutcome> {
  const {op, who, ambient, budgetMs} = work;
  const name = typeof op.args['signal'] === 'string' ? op.args['signal'] : 'KILL';
  if (who === undefined || !(await signalExactly(who, `SIG${name}` as NodeJS.Signals))) return gone(work);
  if (name === 'KILL') {
    const ended = await waitForEnd(who, Math.min(budgetMs, EFFECT_MS));
    return ended ? done : unknown(`pid ${who.pid} still runs after SIGKILL`);
  }
  await makeFolder(join(ambient.stateDir, 'processes'));
  await writeDurably(sentPath(op, ambient), `${new Date().toISOString()}\n`);
  return done;
}

async function stop(work: OperationInput): Promise<OpOutcome> {
  const {op, who, ambient, budgetMs} = work;
  if (who === undefined || (await statOf(who.pid))?.startTicks !== who.startTicks) return gone(work);
  const ended = await stopProcess(who, Number(op.args['graceMs']), budgetMs);
  await maskLogOf(op.ref.object, ambient);
  return ended ? done : unknown(`pid ${who.pid} still runs after SIGTERM and SIGKILL`);
}

async function restart(work: OperationInput): Promise<OpOutcome> {
  const {op, who, budgetMs} = work;
  const begun = performance.now();
  if (who !== undefined && !(await stopProcess(who, Number(op.args['graceMs']), budgetMs / 2)))
    return unknown(`pid ${who.pid} still runs after SIGTERM and SIGKILL`);
  if (op.args['launch'] === undefined) return done;
  return start({...work, budgetMs: budgetMs - (performance.now() - begun)});
}

/** One start at a time, whoever asks: two settling at once must not start two processes. */
async function underLock({op, ambient, budgetMs}: OperationInput, work: () => Promise<OpOutcome>): Promise<OpOutcome> {
  const path = join(ambient.stateDir, 'locks', hashOf(op.ref.object));
  const answer = await withLocalLock(path, budgetMs, work);
  return (
    answer ?? unknown(`someone else has been starting or stopping \`${op.ref.name}\` for ${Math.round(budgetMs)} ms`)
  );
}

function start(work: OperationInput): Promise<OpOutcome> {
  const {op, ambient, budgetMs} = work;
  const {object} = op.ref;
  const launch = launchFrom(op.args);
  if (launch === undefined) return Promise.resolve(awaitSupervisor(work));
  const own = isOwn(object, ambient.stateDir);
  return underLock(work, async () => {
    if ((await locate(object, own)) !== undefined) return done;
    const begun = await launchProcess({object, launch, own, ambient}, budgetMs);
    if (begun.state === 'ready') return done;
    const answer = begun.state === 'not started' ? refused : unknown;
    // A start for a run that is never ready is no start: nothing of it stays.
    if (op.args['readyOrNothing'] !== true) return answer(begun.why);
    await stopStarted({object, own}, 0, budgetMs);
    return refused(begun.why);
  });
}

/** Nobody told us how to start it: only its supervisor can. */
async function awaitSupervisor({op, ambient, budgetMs}: OperationInput): Promise<OpOutcome> {
  const deadline = performance.now() + budgetMs;
  while ((await locate(op.ref.object, isOwn(op.ref.object, ambient.stateDir))) === undefined) {
    if (performance.now() >= deadline) return refused('its supervisor did not start it again');
    await delay(50);
  }
  return done;
}

function terminate(work: OperationInput): Promise<OpOutcome> {
  const {op, ambient, budgetMs} = work;
  return underLock(work, async () => {
    const {object} = op.ref;
    const own = isOwn(object, ambient.stateDir);
    if (!(await stopStarted({object, own}, Number(op.args['graceMs']), budgetMs)))
      return unknown('some of its processes still run after SIGTERM and SIGKILL');
    await maskLogOf(object, ambient);
    if (own) await rm(object.slice('pidfile:'.length), {force: true});
    return done;
  });
}

async function signalInner({op}: OperationInput): Promise<OpOutcome> {
  const signal = `SIG${typeof op.args['signal'] === 'string' ? op.args['signal'] : 'KILL'}` as NodeJS.Signals;
  if ((await signalNamed(op.args, signal)) === 0) return refused('the processes that were planned have ended');
  const deadline = performance.now() + EFFECT_MS;
  while (!hasTakenEffect(signal, await lookAtNamed(op.args)) && performance.now() < deadline) await delay(POLL_MS);
  return done;
}

/** Nothing to do for processes that have ended: their stop went with them. */
async function continueInner({op}: OperationInput): Promise<OpOutcome> {
  await signalNamed(op.args, 'SIGCONT');
  return done;
}

/** Nobody told us how to start them: only the target itself can. */
async function awaitInner({op, ambient, budgetMs}: OperationInput): Promise<OpOutcome> {
  const deadline = performance.now() + budgetMs;
  while ((await countMatching(op, isOwn(op.ref.object, ambient.stateDir))) < Number(op.args['before'])) {
    if (performance.now() >= deadline) return refused('the target did not start its processes again');
    await delay(50);
  }
  return done;
}
