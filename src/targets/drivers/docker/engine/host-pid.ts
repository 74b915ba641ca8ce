import {readFileSync} from 'node:fs';
import type {ContainerView} from './container.js';
import type {Engine} from './engine.js';

/** What would let this process at what runs on the engine's host, by what stands in the way. */
export function hostAdvice({isLocal, address}: Engine): string {
  if (!isLocal) return "Run Firedrill as root on the engine's host";
  if (process.getuid?.() !== 0) return 'Run Firedrill as root';
  if (address.enter === 'helper') return 'Leave out `enter: helper`';
  return "Run Firedrill where the engine's processes are seen (on its host itself, in the host's pid namespace)";
}

/** The container's first process as a pid of this machine, or why it cannot be signalled from here. */
export function hostPid(
  engine: Engine,
  view: Pick<ContainerView, 'id' | 'pid'>,
): {readonly pid: number} | {readonly why: string} {
  if (!engine.isLocal) return {why: `the engine at ${engine.address.host} is not on this machine`};
  if (process.getuid?.() !== 0) return {why: 'only root may signal the process of a container'};
  if (view.pid <= 1) return {why: 'the container runs no process'};
  try {
    // A socket may be forwarded from elsewhere, or this process may live in another pid namespace: the cgroup tells.
    if (readFileSync(`/proc/${view.pid}/cgroup`, 'utf8').includes(view.id)) return {pid: view.pid};
  } catch {
    // Falls through: no such process here.
  }
  return {why: `process ${view.pid} of this machine is not the container's: the engine runs elsewhere`};
}
