import {expect} from 'chai';
import {mkdirSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {reserve, reservedElsewhere} from '../../../../src/run/safety/reserve.js';
import {FRESH_MS, RunState} from '../../../../src/run/safety/state.js';
import type {TargetRef} from '../../../../src/targets/contract.js';
import {SafetyBench} from '../../../support/safety-ports.js';

const target = (object: string): TargetRef => ({
  driver: 'memory',
  kind: 'container',
  name: `the ${object}`,
  endpoint: 'here',
  object,
  incarnation: '1',
});

describe('Runs that mean to hit the same target', () => {
  let bench: SafetyBench;
  beforeEach(() => (bench = new SafetyBench()));
  afterEach(() => bench.dispose());

  const created = async (run: string, targets: readonly TargetRef[]) => {
    const ports = bench.ports(run);
    const state = new RunState(ports, run);
    await state.create({run, folder: '', host: 'here', createdAt: ports.clock.now(), targets});
    return state;
  };

  /** As a run starts: it gives its state up when it is refused. */
  const start = async (run: string, targets: readonly TargetRef[]) => {
    const state = await created(run, targets);
    try {
      await reserve(bench.ports(run), run, targets);
    } catch (error) {
      await state.remove();
      throw error;
    }
    await state.claim(1, 'runner');
    return run;
  };

  const refusal = (starting: Promise<string>) =>
    starting.then(
      () => 'started',
      (error: unknown) => String(error),
    );

  it('are told apart by the state directory: the second is refused and told of the first', async () => {
    await start('one', [target('a'), target('b')]);
    expect(await refusal(start('two', [target('c'), target('b')]))).to.include(
      '`the b` is locked: run `one` is going on',
    );
    const elsewhere = await reservedElsewhere(bench.ports('x'), [target('a')]);
    expect([...elsewhere].map(([run, {exitCode}]) => [run, exitCode])).to.deep.equal([['one', 8]]);
    expect(await refusal(start('three', [target('c')]))).to.equal('started');
    expect(await refusal(start('four', [{...target('a'), endpoint: 'elsewhere'}]))).to.equal('started');
  });

  it('exactly one goes on when they start together, in whatever order', async () => {
    for (let round = 0; round < 20; round++) {
      const names = ['a', 'b', 'c', 'd'].map(name => `${round}-${name}`);
      const starting = (round % 2 === 0 ? names : names.reverse()).map(name => start(name, [target(`of-${round}`)]));
      const ended = await Promise.allSettled(starting);
      expect(ended.filter(({status}) => status === 'fulfilled')).to.have.length(1);
    }
  });

  it('are free again once the run is dead, silent or over', async () => {
    await start('dead', [target('a')]);
    bench.killed.push('dead');
    expect(await refusal(start('next', [target('a')]))).to.equal('started');
    bench.aheadMs += FRESH_MS + 1_000;
    expect(await refusal(start('last', [target('a')]))).to.equal('started');
    await new RunState(bench.ports('last'), 'last').remove();
    expect([...(await reservedElsewhere(bench.ports('x'), [target('a')]))]).to.deep.equal([]);
  });

  it('are not locked by one that died while it started, nor by a state that cannot be read', async () => {
    await created('a-died', [target('a')]);
    bench.aheadMs += FRESH_MS + 1_000;
    mkdirSync(join(bench.root, 'runs', 'damaged'));
    writeFileSync(join(bench.root, 'runs', 'damaged', 'run.json'), '{"targets":[null]');
    expect(await refusal(start('b', [target('a')]))).to.equal('started');
  });
});
