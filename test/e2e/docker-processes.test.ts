import {connect, createServer, type AddressInfo, type Server, type Socket} from 'node:net';
import {expect} from 'chai';
import {fault as kill} from '../../src/faults/process-kill/index.js';
import {fault as pause} from '../../src/faults/process-pause/index.js';
import {DockerBench} from '../support/docker-bench.js';
import {docker, inspect, runContainer, uniqueName, type RunningContainer} from '../support/docker.js';
import {describeWith} from '../support/needs.js';
import {toldState} from '../support/processes.js';

/** Three workers of which one is started again by the main process when it ends, and one that is not looked after. */
const COMMAND = [
  'sh',
  '-c',
  'trap "exit 0" TERM; sleep 1001 & sleep 1002 & (while true; do sleep 3001; done) & while true; do sleep 0.2; done',
];

/** The engine over TCP: then it might be on another machine, and processes are reached by a shell in the container. */
async function remoteEngine(): Promise<{host: string; close(): Promise<void>}> {
  const sockets = new Set<Socket>();
  const server: Server = createServer(client => {
    const engine = connect('/var/run/docker.sock');
    for (const [from, to] of [
      [client, engine],
      [engine, client],
    ] as const) {
      sockets.add(from);
      from.pipe(to);
      from.on('error', () => to.destroy());
      from.on('close', () => to.destroy());
    }
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  return {
    host: `tcp://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise(resolve => server.close(resolve));
    },
  };
}

describeWith('docker', 'Processes inside a container', () => {
  let remote: Awaited<ReturnType<typeof remoteEngine>>;
  let container: RunningContainer;
  let bench: DockerBench;

  before(async () => {
    remote = await remoteEngine();
  });
  after(() => remote.close());
  beforeEach(async () => {
    container = await runContainer({name: uniqueName('inner'), command: COMMAND});
  });
  afterEach(async () => {
    await bench.close();
    await container.remove();
  });

  /** Command line and state of each sleeping process, as the engine's `ps` shows them. */
  async function sleepers(): Promise<Readonly<Record<string, string>>> {
    const rows = (await docker('top', container.id, '-eo', 'pid,stat,args')).split('\n').slice(1);
    const found = rows.flatMap(row => {
      const [, pid = '', stat = '', seconds = ''] = /^\s*(\d+)\s+(\S+)\s+sleep (\d{4})$/.exec(row) ?? [];
      return seconds === '' ? [] : [[seconds, `${toldState(stat)} ${pid}`] as const];
    });
    return Object.fromEntries(found);
  }
  const stateOf = async (seconds: string) => (await sleepers())[seconds]?.split(' ')[0] ?? 'none';

  for (const way of ['signals from the host', 'a shell inside'] as const) {
    describe(`by ${way}`, () => {
      beforeEach(() => {
        bench = new DockerBench(way === 'a shell inside' ? {host: remote.host} : {});
      });
      const draft = (fault: typeof pause, given: object) => bench.draft(fault, {name: container.name}, {...given});

      it('freezes exactly the processes that match, and lets them go on', async () => {
        const [change] = await draft(pause, {match: 'sleep 100\\d$'});
        expect(change?.summary).to.match(/SIGSTOP to 2 processes \d+ \(sleep 1001\), \d+ \(sleep 1002\)/);
        expect((await bench.prove(change!.proof)).state).to.equal('absent');
        const {debts, applied} = await bench.inject([change!]);
        expect(applied.map(one => one.state)).to.deep.equal(['done']);
        expect([await stateOf('1001'), await stateOf('1002'), await stateOf('3001')]).to.deep.equal([
          'stopped',
          'stopped',
          'runs',
        ]);
        const proof = await bench.prove(change!.proof);
        expect(proof).to.deep.include({state: 'in-force'});
        expect(proof.readings).to.deep.include({planned: 2, living: 2, stopped: 2});
        expect((await bench.settle(debts)).map(one => one.outcome)).to.deep.equal(['undone']);
        expect([await stateOf('1001'), await stateOf('1002')]).to.deep.equal(['runs', 'runs']);
        expect((await bench.settle(debts)).map(one => one.outcome)).to.deep.equal(['already']);
      });

      it('hits the oldest so many', async () => {
        const [change] = await draft(pause, {name: 'sleep', match: undefined, count: 1});
        const {debts} = await bench.inject([change!]);
        expect([await stateOf('1001'), await stateOf('1002')]).to.deep.equal(['stopped', 'runs']);
        await bench.settle(debts);
      });

      it('kills a process for good: the undo restarts the container, because nothing inside starts it again', async () => {
        const started = (await inspect(container.id)).State.StartedAt;
        const [change] = await draft(kill, {match: 'sleep 1002'});
        expect(change?.undo).to.have.property('manual').that.includes(`restart ${container.name}`);
        const {debts} = await bench.inject([change!]);
        expect(await stateOf('1002')).to.equal('none');
        expect((await bench.prove(change!.proof)).state).to.equal('in-force');
        expect((await inspect(container.id)).State.StartedAt).to.equal(started);
        expect((await bench.settle(debts)).map(one => one.outcome)).to.deep.equal(['undone']);
        expect((await inspect(container.id)).State.StartedAt).not.to.equal(started);
        await bench.settle(debts);
        expect(await bench.owed()).to.deep.equal([]);
      });

      it('leaves a process alone that something inside has started again', async () => {
        const before = (await sleepers())['3001'];
        const {StartedAt: started} = (await inspect(container.id)).State;
        const [change] = await draft(kill, {match: 'sleep 3001$', signal: 'TERM'});
        const {debts} = await bench.inject([change!]);
        const end = Date.now() + 5000;
        while ((await bench.prove(change!.proof)).state !== 'in-force' && Date.now() < end);
        while ((await stateOf('3001')) === 'none' && Date.now() < end);
        expect((await sleepers())['3001']).not.to.equal(before);
        expect((await bench.settle(debts)).map(one => one.outcome)).to.deep.equal(['already']);
        expect((await inspect(container.id)).State.StartedAt).to.equal(started);
      });

      it('owes nothing any more once the container was restarted, and finds the fault gone', async () => {
        const [change] = await draft(pause, {match: 'sleep 1001'});
        const {debts} = await bench.inject([change!]);
        await docker('restart', '-t', '0', container.id);
        expect((await bench.prove(change!.proof)).state).to.equal('absent');
        expect((await bench.settle(debts)).map(one => one.outcome)).to.deep.equal(['gone']);
        expect(await stateOf('1001')).to.equal('runs');
      });

      it('refuses what matches nothing, too little, or only the main process', async () => {
        const why = (given: object) =>
          draft(pause, given).then(
            () => 'drafted',
            (error: unknown) => String(error),
          );
        expect(await why({match: 'postgres'}))
          .to.contain('whose command line matches `postgres`')
          .and.contain('1001');
        expect(await why({match: '^sleep 100', count: 5}))
          .to.contain('to run 5 processes')
          .and.contain('runs 2');
        expect(await why({name: 'nginx'})).to.contain('named `nginx`');
      });
    });
  }

  it('never hits the main process unless that is said, and then the whole container ends', async () => {
    bench = new DockerBench({});
    const [without] = await bench.draft(pause, {name: container.name}, {match: 'sh|sleep'});
    const {State} = await inspect(container.id);
    expect(JSON.stringify(without?.flip.args)).not.to.contain('"pid":1,');
    expect(without?.undo).to.have.property('manual').that.does.not.contain(` ${State.Pid} `);
    const [change] = await bench.draft(
      kill,
      {name: container.name},
      {match: '^sh -c trap', includeMain: true, count: 1},
    );
    const {debts} = await bench.inject([change!]);
    const end = Date.now() + 5000;
    while ((await inspect(container.id)).State.Running && Date.now() < end);
    expect((await bench.prove(change!.proof)).state).to.equal('in-force');
    expect((await bench.settle(debts)).map(one => one.outcome)).to.deep.equal(['undone']);
    expect((await inspect(container.id)).State.Running).to.equal(true);
  });

  it('says what is missing where a container has no shell', async () => {
    bench = new DockerBench({host: remote.host});
    await docker('exec', container.id, 'busybox', 'rm', '/bin/sh');
    const error = await bench
      .draft(pause, {name: container.name}, {match: 'sleep 1001'})
      .catch((thrown: unknown) => thrown);
    expect(error).to.include({code: 'CAPABILITY_MISSING'});
    expect(error).to.have.property('hint').that.includes("as root on the engine's host");
  });
});
