import {expect} from 'chai';
import type {Change, Drafts, TargetRef} from '../../../src/targets/contract.js';
import type {AnyFault} from '../../../src/faults/contract.js';
import {fault as bandwidth} from '../../../src/faults/network-bandwidth/index.js';
import {fault as latency} from '../../../src/faults/network-latency/index.js';
import {fault as partition} from '../../../src/faults/network-partition/index.js';
import {fault as reset} from '../../../src/faults/connection-reset/index.js';
import {fault as limitData} from '../../../src/faults/limit-data/index.js';
import {fault as loss} from '../../../src/faults/network-loss/index.js';
import {fault as slicer} from '../../../src/faults/slicer/index.js';
import {fault as slowClose} from '../../../src/faults/slow-close/index.js';
import {fault as timeout} from '../../../src/faults/connection-timeout/index.js';
import type {JsonObject} from '../../../src/quantities/json.js';
import {formOn} from '../../support/fault-form.js';

const target = {name: 'inventory'} as TargetRef;

/** What a fault asks the driver for. */
async function asked(fault: AnyFault, given: JsonObject): Promise<unknown> {
  const record = (draft: string) => (ref: TargetRef, options: object) =>
    Promise.resolve({draft, ref: ref.name, ...options} as unknown as Change);
  const connection: Drafts['connection'] = {
    latency: record('latency'),
    bandwidth: record('bandwidth'),
    down: record('down'),
    reset: record('reset'),
    loss: record('loss'),
    slowClose: record('slowClose'),
    timeout: record('timeout'),
    slicer: record('slicer'),
    limitData: record('limitData'),
  };
  const parameters = formOn(fault, 'connection').parameters().parse(given) as JsonObject;
  const signal = new AbortController().signal;
  const changes = await formOn(fault, 'connection').draft({
    targets: [target],
    parameters,
    can: {connection},
    heal: 'default',
    forMs: 5000,
    named: {},
    signal,
  });
  return JSON.parse(JSON.stringify(changes));
}

describe('faults on connections', () => {
  it('network-latency delays all that is answered unless told otherwise', async () => {
    const common = {draft: 'latency', ref: 'inventory', delayMs: 200, ttlMs: 5000};
    expect(await asked(latency, {delay: '200ms'})).to.deep.equal([
      {...common, jitterMs: 0, direction: 'downstream', share: 1},
    ]);
    expect(await asked(latency, {delay: '200ms', jitter: '20ms', direction: 'both', share: '25%'})).to.deep.equal([
      {...common, jitterMs: 20, direction: 'both', share: 0.25},
    ]);
  });

  it('network-bandwidth limits both directions unless told otherwise', async () => {
    expect(await asked(bandwidth, {rate: '1MiB/s'})).to.deep.equal([
      {draft: 'bandwidth', ref: 'inventory', bytesPerSecond: 1 << 20, direction: 'both', share: 1, ttlMs: 5000},
    ]);
  });

  it('network-partition and connection-reset take hold of everything', async () => {
    expect(await asked(partition, {})).to.deep.equal([{draft: 'down', ref: 'inventory', ttlMs: 5000}]);
    expect(await asked(reset, {})).to.deep.equal([{draft: 'reset', ref: 'inventory', share: 1, ttlMs: 5000}]);
  });

  it('those that cut short or hold back take hold of what is answered unless told otherwise', async () => {
    const common = {ref: 'inventory', direction: 'downstream', share: 1, ttlMs: 5000};
    const one = async (fault: AnyFault, given: JsonObject) =>
      expect(await asked(fault, given)).to.be.an('array').that.deep;
    (await one(slowClose, {delay: '2s'})).equals([{...common, draft: 'slowClose', delayMs: 2000}]);
    (await one(timeout, {})).equals([{...common, draft: 'timeout'}]);
    (await one(timeout, {after: '3s'})).equals([{...common, draft: 'timeout', afterMs: 3000}]);
    (await one(limitData, {bytes: '1KiB'})).equals([{...common, draft: 'limitData', bytes: 1024}]);
    (await one(slicer, {averageSize: '64B'})).equals([
      {...common, draft: 'slicer', averageBytes: 64, variationBytes: 0, delayMs: 0},
    ]);
    (await one(slicer, {averageSize: '64B', sizeVariation: '32B', delay: '5ms', direction: 'upstream'})).equals([
      {...common, draft: 'slicer', direction: 'upstream', averageBytes: 64, variationBytes: 32, delayMs: 5},
    ]);
    (await one(loss, {share: '30%'})).equals([{draft: 'loss', ref: 'inventory', share: 0.3, ttlMs: 5000}]);
  });

  it('pass the seed of the draw on', async () => {
    for (const [fault, given] of [
      [latency, {delay: '1ms'}],
      [bandwidth, {rate: '1KiB/s'}],
      [reset, {}],
      [loss, {share: '1%'}],
      [slowClose, {delay: '1s'}],
      [timeout, {}],
      [slicer, {averageSize: '1B'}],
      [limitData, {bytes: '1B'}],
    ] as const) {
      const [change] = (await asked(fault, {...given, seed: 42})) as JsonObject[];
      expect(change, fault.name).to.include({seed: 42});
    }
  });

  for (const [fault, wrong] of [
    [latency, {}],
    [latency, {delay: 200}],
    [latency, {delay: '0ms'}],
    [latency, {delay: '11m'}],
    [latency, {delay: '10ms', jitter: '11ms'}],
    [latency, {delay: '10ms', direction: 'up'}],
    [latency, {delay: '10ms', share: '0%'}],
    [latency, {delay: '10ms', correlation: '10%'}],
    [bandwidth, {rate: '0B/s'}],
    [bandwidth, {rate: '1MiB'}],
    [partition, {from: ['a']}],
    [reset, {share: '120%'}],
    [reset, {seed: -1}],
    [reset, {seed: 1.5}],
    [reset, {seed: 2 ** 32}],
    [loss, {}],
    [loss, {share: '0%'}],
    [loss, {share: '10%', direction: 'both'}],
    [slowClose, {}],
    [slowClose, {delay: '0ms'}],
    [timeout, {after: '0ms'}],
    [timeout, {timeout: '1s'}],
    [slicer, {}],
    [slicer, {averageSize: '0B'}],
    [slicer, {averageSize: '10B', sizeVariation: '10B'}],
    [slicer, {averageSize: '10B', delay: '2m'}],
    [limitData, {}],
    [limitData, {bytes: 100}],
  ] as const) {
    it(`${fault.name} refuses ${JSON.stringify(wrong)}`, () => {
      expect(formOn(fault, 'connection').parameters().safeParse(wrong).success).to.equal(false);
    });
  }
});
