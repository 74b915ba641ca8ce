import type {FaultReference} from '../reference.js';

export const reference: FaultReference = {
  on: {
    docker: {
      mechanism:
        '`POST /containers/CONTAINER/update` with `Memory` and, where there was one, `MemorySwap` lowered by as much: the limit of the memory cgroup. The kernel reclaims, then kills (OOM).',
      undo: '`docker update --memory WAS --memory-swap WAS CONTAINER`; only while it still carries the value of the fault.',
      proof:
        'The engine reports the lowered limit, and so does the memory cgroup (limit and swap; with cgroup v2 `memory.max` and `memory.swap.max`) where Firedrill runs on its host. Exercised: how often the limit was hit since (`memory.failcnt`; `max` in `memory.events` with cgroup v2).',
      privileges: 'The Docker socket.',
      limits:
        'Refused for a container without a limit (the engine cannot lift one again), and when it uses as much already.',
    },
  },
  examples: [
    {
      on: 'docker',
      title: 'The inventory with little memory left',
      fault: `name: squeeze inventory
memory-limit: { limit: 96MiB }
targets: [inventory]
for: 15s`,
    },
  ],
};
