import type {JsonObject} from '../../../../quantities/json.js';
import type {ContainerView} from '../engine/container.js';
import type {Engine} from '../engine/engine.js';
import {readEvents} from '../engine/events.js';
import {readStats} from '../engine/stats.js';
import {textArgument, type ContainerQuestion} from './operation.js';

/** 1 healthy, 0 not; an image without a health check has none, which is another thing than healthy. */
function healthOf(view: ContainerView): JsonObject {
  if (!view.running) return {health: 0};
  if (view.health === 'none') return {why: 'the container declares no health check'};
  return {health: view.health === 'healthy' ? 1 : 0};
}

async function usageOf(engine: Engine, view: ContainerView, signal: AbortSignal): Promise<JsonObject> {
  if (!view.running) return {why: `the container is \`${view.status}\``, running: false};
  const {cpuNs, atMs, memory} = await readStats(engine, view, signal);
  return {cpuNs, atMs, memory, startedAt: view.startedAt};
}

/** Since the engine's time `since`, or none with the engine's time now: the reader adds up. */
async function oomKillsOf(
  engine: Engine,
  view: ContainerView,
  args: JsonObject,
  signal: AbortSignal,
): Promise<JsonObject> {
  const until = (await engine.info(signal)).SystemTime ?? new Date().toISOString();
  const since = textArgument(args, 'since');
  if (since === '') return {oomKills: 0, until};
  const events = await readEvents(engine, {id: view.id, event: 'oom', since, until}, signal);
  return {oomKills: events.length, until};
}

async function measured(
  engine: Engine,
  view: ContainerView,
  args: JsonObject,
  signal: AbortSignal,
): Promise<JsonObject> {
  switch (textArgument(args, 'measure')) {
    case 'restarts':
      return {restarts: view.restarts};
    case 'health':
      return healthOf(view);
    case 'oom-kills':
      return oomKillsOf(engine, view, args, signal);
    default:
      return usageOf(engine, view, signal);
  }
}

/**
 * Not about a fault: numbers for the docker probe, which may hold a reader but no SDK. The state says only that it
 * exists.
 */
const observe: ContainerQuestion = async ({engine, view, args, signal}) => {
  if (view === 'gone') return {state: 'absent', readings: {why: 'the container no longer exists'}};
  return {state: 'in-force', readings: await measured(engine, view, args, signal)};
};

export const observeQuestions: Readonly<Record<string, ContainerQuestion>> = {'container.observe': observe};
