import {expect} from 'chai';
import type {EventBody} from '../../../../src/record/events.js';
import {openFence} from '../../../../src/run/safety/fence.js';
import {keepAlive, type Alive, type GuardianHandle} from '../../../../src/run/safety/keep-alive.js';
import {RunState} from '../../../../src/run/safety/state.js';
import {StopSwitch} from '../../../../src/run/stop-switch.js';
import {until} from '../../../support/processes.js';
import {SafetyBench} from '../../../support/safety-ports.js';

class FakeGuardian implements GuardianHandle {
  beats = 0;
  farewells = 0;
  die: () => void = () => undefined;
  readonly ended = new Promise<void>(resolve => (this.die = resolve));

  constructor(readonly pid: number) {}

  beat(): void {
    this.beats++;
  }

  bye(): Promise<void> {
    this.farewells++;
    this.die();
    return this.ended;
  }
}

describe('Keeping a run alive', () => {
  let bench: SafetyBench;
  let state: RunState;
  let guardians: FakeGuardian[];
  let told: EventBody[];
  let stop: StopSwitch;
  let alive: Alive | undefined;

  beforeEach(async () => {
    bench = new SafetyBench();
    state = await bench.begin('runner');
    guardians = [];
    told = [];
    stop = new StopSwitch();
  });
  afterEach(async () => {
    await alive?.end();
    alive = undefined;
    bench.dispose();
  });

  const start = async (startGuardian?: () => Promise<GuardianHandle>) => {
    const record = bench.record(state);
    record.subscribe({event: event => told.push(event)});
    const context = {ports: bench.ports('runner'), record, run: 'run-1', fence: openFence(state, 1), stop};
    const hire = () => {
      const guardian = new FakeGuardian(guardians.length + 1);
      guardians.push(guardian);
      return Promise.resolve(guardian);
    };
    alive = await keepAlive({context, state, startGuardian: startGuardian ?? hire});
  };

  it('beats to the guardian and on the disk', async () => {
    await start();
    bench.aheadMs = 60_000;
    await until('a fresh heartbeat', () => state.isLive());
    await until('beats', () => guardians[0]!.beats > 2);
  });

  it('says farewell once, at the end', async () => {
    await start();
    await alive?.end();
    alive = undefined;
    const {beats} = guardians[0]!;
    expect(guardians.map(guardian => guardian.farewells)).to.deep.equal([1]);
    await bench.ports('runner').clock.sleep(5_000);
    expect(guardians[0]!.beats).to.equal(beats);
  });

  it('replaces a guardian that dies, and says so', async () => {
    await start();
    guardians[0]!.die();
    await until('another guardian', () => (guardians[1]?.beats ?? 0) > 0);
    expect(told.map(event => event.type === 'noted' && event.text)).to.deep.equal([
      'The guardian process ended; another one is started.',
    ]);
  });

  it('goes on beating while another guardian is slow to start', async () => {
    let begun = 0;
    let release: (guardian: GuardianHandle) => void = () => undefined;
    await start(() => {
      begun++;
      if (begun > 1) return new Promise(resolve => (release = resolve));
      guardians.push(new FakeGuardian(1));
      return Promise.resolve(guardians[0]!);
    });
    guardians[0]!.die();
    await until('another start', () => begun === 2);
    bench.aheadMs = 60_000;
    await until('a fresh heartbeat', () => state.isLive());
    release(new FakeGuardian(2));
  });

  it('does not replace guardians for ever', async () => {
    await start(() => {
      const guardian = new FakeGuardian(guardians.length + 1);
      guardians.push(guardian);
      guardian.die();
      return Promise.resolve(guardian);
    });
    await until('five guardians', () => guardians.length === 5);
    await bench.ports('runner').clock.sleep(10_000);
    expect(guardians).to.have.length(5);
  });

  it('stops a run that someone else took over, and leaves the heartbeat to them', async () => {
    await start();
    await new RunState(bench.ports('guardian'), 'run-1').claim(2, 'guardian');
    await until('the run is stopped', () => stop.why() !== undefined);
    expect(stop.why()).to.deep.equal({kind: 'bug', detail: 'someone else took this run over'});
    bench.aheadMs = 60_000;
    await bench.ports('runner').clock.sleep(5_000);
    expect(await state.isLive()).to.equal(false);
  });

  it('does not begin without a guardian', async () => {
    const error = await start(() => Promise.reject(new Error('no more processes'))).catch((thrown: unknown) => thrown);
    expect(String(error)).to.contain('no more processes');
  });
});
