import type {EngineInfo} from './engine/api.js';
import type {Engine} from './engine/engine.js';

/** Warnings of the engine that say something about what Firedrill does; the rest is the operator's business. */
const RELEVANT = /cpu|memory|swap|blkio|bridge-nf|cgroup/i;

/** Oldest engine whose behaviour the tests have seen. */
const OLDEST = 20;

function capabilities(info: EngineInfo): readonly string[] {
  const problems: string[] = [];
  if (info.OSType !== undefined && info.OSType !== 'linux') {
    problems.push(`The engine runs ${info.OSType} containers; only Linux containers were ever tried.`);
  }
  if (info.MemoryLimit === false)
    problems.push('The engine cannot limit memory: `memory-limit` will be refused by it.');
  if (info.CpuCfsQuota === false) problems.push('The engine cannot limit CPU: `cpu-throttle` will be refused by it.');
  if (info.Swarm?.LocalNodeState === 'active') {
    problems.push(
      'The engine is part of a swarm: it replaces a container that a service lost instead of restarting it.',
    );
  }
  return problems;
}

function rights(engine: Engine, info: EngineInfo): readonly string[] {
  const rootless = (info.SecurityOptions ?? []).some(option => option.includes('rootless'));
  if (engine.isLocal && process.getuid?.() === 0 && !rootless) return [];
  return [
    "A kill cannot look like a crash (Firedrill is not root on the engine's host), so no restart policy fires after it: `heal: platform` is refused.",
  ];
}

/** What kind of engine it is: the versions of Podman are counted otherwise. */
function kind({id, address}: Engine, info: EngineInfo): readonly string[] {
  const {ServerVersion: version = ''} = info;
  if (info.ID === id) {
    const isOld = Number.parseInt(version, 10) < OLDEST;
    return isOld ? [`The engine is version ${version}; ${OLDEST}.10 is the oldest that was tried.`] : [];
  }
  return [
    `The engine gives another id at each request, as Podman does: it is known by its name, its root folder and ${address.host}. Whoever reaches it by another address takes it for another engine.`,
  ];
}

/** What the plan should mention; empty when all is well. */
export async function readProblems(engine: Engine, signal: AbortSignal): Promise<readonly string[]> {
  const info = await engine.info(signal);
  const warnings = (info.Warnings ?? []).filter(text => RELEVANT.test(text)).map(text => `The engine says: ${text}`);
  return [...kind(engine, info), ...capabilities(info), ...rights(engine, info), ...warnings];
}
