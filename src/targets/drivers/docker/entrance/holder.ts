import {signalWithin} from '../../../../system/clock.js';
import type {Engine} from '../engine/engine.js';
import {messageOf, statusOf, type MutationOutcome} from '../engine/failures.js';
import {helperOptions, holderName, listHelpers} from './helper-container.js';
import {missingImage, removeContainer} from './helper.js';
import type {Enterable} from './entrance.js';

/** A file in the helper that pushes its deadline out: seconds of the machine's uptime. */
const UNTIL_FILE = '/tmp/firedrill-until';

/** A helper container that stays beside its target and undoes by itself what it holds when its time is over. */
export interface Holding {
  readonly view: Enterable;
  readonly image: string;
  readonly run: string;
  /** Names it: there is one holder for a tag. */
  readonly tag: string;
  /** Removes what is held; safe to repeat, also when nothing is there. */
  readonly undo: string;
  /** From now, in ms. */
  readonly holdMs: number;
}

/**
 * Counts by the machine's uptime, so no clock that is set can stretch or cut it; looks for a later deadline as it goes.
 */
function watch(undo: string, holdMs: number): string {
  const seconds = Math.ceil(holdMs / 1000);
  return [
    'up() { read -r now rest </proc/uptime; now=${now%%.*}; }',
    `up; until=$((now + ${seconds}))`,
    'while :; do',
    `  [ -s ${UNTIL_FILE} ] && read -r until <${UNTIL_FILE}`,
    '  up; left=$((until - now)); [ "$left" -le 0 ] && break',
    '  [ "$left" -gt 5 ] && left=5; sleep "$left"',
    'done',
    undo,
  ].join('\n');
}

/** Puts a holder beside the target. One that stands there already, by the same name, is as good. */
export function holdBeside(engine: Engine, holding: Holding, budgetMs: number): Promise<MutationOutcome> {
  const {view, image, run, tag, undo, holdMs} = holding;
  const command = ['sh', '-c', watch(undo, holdMs)];
  return engine.mutate(async () => {
    try {
      const created = await engine.docker.createContainer(helperOptions({image, view, command, run, holds: tag}));
      await created.start();
    } catch (error) {
      if (statusOf(error) === 404 && messageOf(error).includes(image)) throw new Error(missingImage(image));
      // Someone was quicker, or an earlier attempt got so far: starting one that runs is no error.
      if (statusOf(error) !== 409) throw error;
      await engine.docker.getContainer(holderName(tag)).start();
    }
  }, budgetMs);
}

/** Pushes the holder's deadline out to `holdMs` from now. One that is gone needs none. */
export async function renewHolder(engine: Engine, tag: string, holdMs: number): Promise<void> {
  const seconds = Math.ceil(holdMs / 1000);
  const script = `read -r now rest </proc/uptime; echo "$((\${now%%.*} + ${seconds}))" >${UNTIL_FILE}.new && mv ${UNTIL_FILE}.new ${UNTIL_FILE}`;
  try {
    const exec = await engine.docker
      .getContainer(holderName(tag))
      .exec({Cmd: ['sh', '-c', script], AttachStdout: true, AttachStderr: true});
    const stream = await exec.start({Detach: false, Tty: false});
    for await (const _ of stream) continue;
  } catch {
    // It has gone: what it held is the guardian's to undo.
  }
}

/** Tags that a helper container stands for, on the whole engine: one list call. */
export async function heldTags(engine: Engine, signal: AbortSignal): Promise<ReadonlySet<string>> {
  return new Set((await listHelpers(engine, signal)).flatMap(({holds}) => holds ?? []));
}

/**
 * Removes the holder of the tag, and one-off helpers of the same target that never ran because whoever made them died.
 * It has no effect on what they hold.
 */
export async function releaseHolder(
  engine: Engine,
  released: {readonly tag: string; readonly target: string; readonly run: string},
  budgetMs: number,
): Promise<MutationOutcome> {
  return engine.mutate(async () => {
    const helpers = await listHelpers(engine, signalWithin(budgetMs));
    const ours = helpers.filter(
      ({holds, target, run, running}) =>
        holds === released.tag ||
        (target === released.target && holds === undefined && !running && (run === undefined || run === released.run)),
    );
    for (const {id} of ours) await removeContainer(engine, id);
  }, budgetMs);
}
