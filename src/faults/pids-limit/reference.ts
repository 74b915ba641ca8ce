import type {FaultReference} from '../reference.js';

export const reference: FaultReference = {
  on: {
    docker: {
      mechanism:
        '`POST /containers/CONTAINER/update` with `PidsLimit`: `pids.max` of the cgroup. At the limit every fork and every new thread fails with EAGAIN. A limit below the present number ends nothing: what runs goes on, nothing new starts.',
      undo: '`docker update --pids-limit WAS CONTAINER`, `-1` where there was no limit; only while it still carries the value of the fault.',
      proof:
        'The engine reports the limit, and so does `pids.max` where Firedrill runs on its host. Exercised: forks that failed since (`max` in `pids.events`).',
      privileges: 'The Docker socket.',
      limits:
        'Refused when the limit is as low already, and on an engine without the pids controller. `docker exec` and exec health checks need processes too: they fail as well.',
    },
  },
  examples: [
    {
      on: 'docker',
      title: 'The inventory may start nothing new',
      fault: `name: no new processes
pids-limit: { limit: 20 }
targets: [inventory]
for: 15s`,
    },
  ],
};
