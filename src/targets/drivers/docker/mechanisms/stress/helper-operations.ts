import type {JsonObject} from '../../../../../quantities/json.js';
import type {Op, ProofAnswer} from '../../../../contract.js';
import {effectOf, type Usage} from '../../../../linux/stressors.js';
import {stressFrom} from '../../../../linux/stress-plan.js';
import {inspectContainer, readingsOf, type ContainerView} from '../../engine/container.js';
import type {Engine} from '../../engine/engine.js';
import {messageOf, statusOf, type MutationOutcome} from '../../engine/failures.js';
import {HELPER_LABEL, HOLDS_LABEL} from '../../entrance/helper-container.js';
import {missingImage} from '../../entrance/helper.js';
import {LABEL} from '../../marks/mark-volumes.js';
import {readStats} from '../../engine/stats.js';
import {textArgument, type Operation, type ContainerQuestion, type Sending} from '../operation.js';

/** The helper of a tag: one at most. */
function helperName(args: JsonObject): string {
  return `firedrill-stress-${stressFrom(args).tag}`;
}

/**
 * stress-ng in a container of its own, which hangs on the target: in its pid namespace, so that the kernel ends it with
 * the target, and in a cgroup below the target's, whose limits hold for both. No network, no rights, no volume; it is
 * removed when it ends.
 */
function helperOptions({ref, args}: Op, run: string): object {
  const {tag, argv} = stressFrom(args);
  return {
    name: helperName(args),
    Image: textArgument(args, 'image'),
    Entrypoint: ['stress-ng'],
    Cmd: [...argv, '--temp-path', '/tmp'],
    User: '0',
    WorkingDir: '/',
    Env: ['LC_ALL=C', 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'],
    Labels: {[HELPER_LABEL]: ref.object, [HOLDS_LABEL]: tag, [LABEL.run]: run},
    HostConfig: {
      PidMode: `container:${ref.object}`,
      CgroupParent: textArgument(args, 'cgroup'),
      NetworkMode: 'none',
      CapDrop: ['ALL'],
      AutoRemove: true,
    },
  };
}

/** What an earlier attempt left under the name goes first: it may hang on another incarnation. */
async function create(engine: Engine, op: Op, {budgetMs, run}: Sending): Promise<MutationOutcome> {
  const image = textArgument(op.args, 'image');
  const helper = {isMissing: false};
  const outcome = await engine.mutate(async () => {
    await remove(engine, op.args);
    try {
      await engine.docker.createContainer(helperOptions(op, run));
    } catch (error) {
      // The engine tells a missing image from other things that are missing in its message only.
      helper.isMissing = statusOf(error) === 404 && messageOf(error).includes(image);
      throw helper.isMissing ? new Error(missingImage(image)) : error;
    }
  }, budgetMs);
  // An image that is missing is an answer: nothing was made.
  return helper.isMissing && outcome.state === 'unknown' ? {...outcome, state: 'refused'} : outcome;
}

async function remove(engine: Engine, args: JsonObject): Promise<void> {
  try {
    await engine.docker.getContainer(helperName(args)).remove({force: true, v: true});
  } catch (error) {
    // Gone, or being removed by the engine already.
    if (statusOf(error) !== 404 && statusOf(error) !== 409) throw error;
  }
}

export const operations: Readonly<Record<string, Operation>> = {
  'container.prepare-stress-helper': {send: (engine, op, sending) => create(engine, op, sending)},
  'container.stress-helper': {
    send: (engine, {args}, {budgetMs}) =>
      engine.mutate(() => engine.docker.getContainer(helperName(args)).start(), budgetMs),
  },
  'container.end-stress-helper': {
    outlives: true,
    send: (engine, {args}, {budgetMs}) => engine.mutate(() => remove(engine, args), budgetMs),
  },
};

/** What the engine counts for the helper, in the words of the stressors that run on this machine. */
async function usageOf(engine: Engine, helper: ContainerView, signal: AbortSignal): Promise<Usage> {
  const stats = await readStats(engine, helper, signal);
  return {
    processes: 1,
    working: 1,
    ageSeconds: Math.max(0, (stats.atMs - Date.parse(helper.startedAt)) / 1000),
    cpuSeconds: stats.cpuNs / 1e9,
    waitSeconds: 0,
    heldBytes: stats.memory ?? 0,
    writtenBytes: 0,
  };
}

const isStressed: ContainerQuestion = async ({engine, view, args, signal}): Promise<ProofAnswer> => {
  if (view === 'gone') return {state: 'absent', readings: {status: 'gone'}};
  const helper = await inspectContainer(engine, helperName(args), signal);
  if (helper === 'gone' || !helper.running) return {state: 'absent', readings: readingsOf(view)};
  const stress = stressFrom(args);
  const usage = await usageOf(engine, helper, signal);
  const effect = effectOf(stress, usage);
  const readings = {...readingsOf(view), asked: stress.asked, ...usage};
  if (!effect.done) return {state: 'unknown', readings, exercised: effect.work, why: effect.why};
  return {state: 'in-force', readings, exercised: effect.work};
};

/** Also one that was made and never started. */
const hasHelper: ContainerQuestion = async ({engine, args, signal}): Promise<ProofAnswer> => {
  const helper = await inspectContainer(engine, helperName(args), signal);
  if (helper === 'gone') return {state: 'absent', readings: {helper: null}};
  return {state: 'in-force', readings: {helper: helper.name, status: helper.status}};
};

export const questions: Readonly<Record<string, ContainerQuestion>> = {
  'is-stressed-by-helper': isStressed,
  'has-stress-helper': hasHelper,
};
