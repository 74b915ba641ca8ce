import {existsSync, readFileSync} from 'node:fs';
import {expect} from 'chai';
import {fault as cpuThrottle} from '../../src/faults/cpu-throttle/index.js';
import {fault as pause} from '../../src/faults/pause/index.js';
import {DockerBench, patience} from '../support/docker-bench.js';
import {OwnEngine} from '../support/docker-daemon.js';
import {describeWith} from '../support/needs.js';

const root = process.getuid?.() === 0;

describeWith(
  'docker',
  `A Docker engine that is restarted mid-fault${root ? '' : ' [skipped: only root may start one]'}`,
  () => {
    if (!root) {
      it('needs root, to start an engine of its own');
      return;
    }
    let engine: OwnEngine;
    const bridge = () =>
      existsSync('/sys/class/net/docker0') ? readFileSync('/sys/class/net/docker0/ifindex', 'utf8') : '';
    const bridgeBefore = bridge();
    let image: string;
    let bench: DockerBench;

    before(async function () {
      engine = new OwnEngine();
      await engine.start();
      image = await engine.loadBusybox();
    });
    after(async function () {
      await engine.remove();
    });
    beforeEach(() => {
      bench = new DockerBench({host: engine.host});
    });
    afterEach(async () => {
      await bench.close();
      await engine.docker('rm', '-f', 'victim').catch(() => undefined);
    });

    async function victim(): Promise<void> {
      const command = ['sh', '-c', 'trap "exit 0" TERM; while true; do sleep 0.1; done'];
      await engine.docker(
        'run',
        '-d',
        '--name',
        'victim',
        '--network',
        'none',
        '--restart',
        'always',
        image,
        ...command,
      );
    }

    for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
      it(`keeps the marks over a ${signal} of the daemon, and what is owed is settled afterwards`, async () => {
        await victim();
        const [frozen] = await bench.draft(pause, {name: 'victim'});
        const [slowed] = await bench.draft(cpuThrottle, {name: 'victim'}, {cpus: 0.5});
        const {debts} = await bench.inject([frozen!, slowed!]);
        const reader = await bench.reader();
        await engine.end(signal);
        const [during] = await reader.prove([frozen!.proof], patience());
        expect(during?.state).to.equal('unknown');
        await engine.start();
        const fresh = await bench.reader();
        expect(fresh.endpoint).to.equal(reader.endpoint);
        expect([...(await bench.owed())].sort()).to.deep.equal(debts.map(debt => debt.id).sort());
        const [first, second] = await bench.settle(debts);
        expect(first?.outcome).to.be.oneOf(['gone', 'already', 'undone']);
        expect(second?.outcome).to.equal('undone');
        const state = await engine.docker(
          'inspect',
          '--format',
          '{{.State.Paused}} {{.HostConfig.CpuQuota}}',
          'victim',
        );
        expect(state).to.equal('false -1');
        expect(await bench.owed()).to.deep.equal([]);
      });
    }

    it("leaves the real engine's bridge alone", () => {
      expect(bridge()).to.equal(bridgeBefore);
    });
  },
);
