import {expect} from 'chai';
import type {Change, Drafts, TargetRef} from '../../../src/targets/contract.js';
import type {AnyFault} from '../../../src/faults/contract.js';
import {fault as bandwidth} from '../../../src/faults/network-bandwidth/index.js';
import {fault as latency} from '../../../src/faults/network-latency/index.js';
import {fault as partition} from '../../../src/faults/network-partition/index.js';
import {fault as reset} from '../../../src/faults/connection-reset/index.js';
import type {JsonObject} from '../../../src/quantities/json.js';

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
  };
  const parameters = fault.parameters().parse(given) as JsonObject;
  const signal = new AbortController().signal;
  return fault.draft({targets: [target], parameters, can: {connection}, heal: 'default', forMs: 5000, signal});
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
  ] as const) {
    it(`${fault.name} refuses ${JSON.stringify(wrong)}`, () => {
      expect(fault.parameters().safeParse(wrong).success).to.equal(false);
    });
  }
});
