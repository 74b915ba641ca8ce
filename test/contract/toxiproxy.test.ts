import {mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {driver} from '../../src/targets/drivers/toxiproxy/driver.js';
import {startFakeToxiproxy} from '../support/toxiproxy.js';
import {describeDriver, type Stage} from './driver-contract.js';
import {openSecrets} from '../../src/system/secrets.js';

async function open(): Promise<Stage> {
  const stateDir = mkdtempSync(join(tmpdir(), 'firedrill-test-toxiproxy-'));
  let server = await startFakeToxiproxy();
  const {url} = server;
  for (const name of ['inventory', 'bystander']) server.add(name);
  return {
    ambient: {environment: {}, scratch: stateDir, stateDir, ...openSecrets({})},
    selector: {name: 'inventory', url},
    missing: {name: 'nobody', url},
    vanish: () => Promise.resolve(void server.proxies.delete('inventory')),
    // Started again with the same configuration: its toxics went with its memory.
    restart: async () => {
      await server.close();
      server = await startFakeToxiproxy(Number(url.split(':').at(-1)));
      for (const name of ['inventory', 'bystander']) server.add(name);
    },
    close: async () => {
      await server.close();
      rmSync(stateDir, {recursive: true, force: true});
    },
  };
}

const flow = {direction: 'downstream', share: 1, ttlMs: 60_000} as const;

describeDriver('toxiproxy', {
  driver,
  open,
  cases: [
    {
      name: 'network-latency',
      draft: (can, ref) => can.connection!.latency(ref, {...flow, direction: 'both', delayMs: 20, jitterMs: 5}),
    },
    {
      name: 'network-bandwidth',
      draft: (can, ref) => can.connection!.bandwidth(ref, {...flow, share: 0.3, bytesPerSecond: 5000}),
    },
    {name: 'network-partition', draft: (can, ref) => can.connection!.down(ref, {ttlMs: 60_000})},
    {name: 'connection-reset', draft: (can, ref) => can.connection!.reset(ref, {share: 0.5, ttlMs: 60_000})},
    {name: 'network-loss', draft: (can, ref) => can.connection!.loss(ref, {share: 0.5, ttlMs: 60_000})},
    {name: 'connection-timeout', draft: (can, ref) => can.connection!.timeout(ref, {...flow, afterMs: 1000})},
    {name: 'slow-close', draft: (can, ref) => can.connection!.slowClose(ref, {...flow, delayMs: 500})},
    {
      name: 'slicer',
      draft: (can, ref) => can.connection!.slicer(ref, {...flow, averageBytes: 8, variationBytes: 4, delayMs: 1}),
    },
    {name: 'limit-data', draft: (can, ref) => can.connection!.limitData(ref, {...flow, bytes: 100})},
  ],
});
