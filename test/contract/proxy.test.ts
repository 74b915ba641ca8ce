import {once} from 'node:events';
import {createServer, type AddressInfo} from 'node:net';
import type {Ambient} from '../../src/targets/contract.js';
import {driver} from '../../src/targets/drivers/proxy/driver.js';
import {startProxyProcess} from '../support/proxy-process.js';
import {describeDriver, type Stage} from './driver-contract.js';
import {openSecrets} from '../../src/system/secrets.js';

const ambient: Ambient = {environment: process.env, scratch: '/nowhere', stateDir: '/nowhere', ...openSecrets({})};

async function open(): Promise<Stage> {
  const upstream = createServer(socket => {
    socket.on('error', () => socket.destroy());
    socket.pipe(socket);
  });
  upstream.listen(0, '127.0.0.1');
  await once(upstream, 'listening');
  const to = `127.0.0.1:${(upstream.address() as AddressInfo).port}`;
  const connection = (name: string) => ({name, upstream: to});
  let proxy = await startProxyProcess({connections: [connection('inventory'), connection('bystander')]});
  const {control} = proxy;
  /** Another process at the same place. */
  const again = async (...names: readonly string[]) => {
    await proxy.end('SIGKILL');
    proxy = await startProxyProcess({control: control.replace('http://', ''), connections: names.map(connection)});
  };
  return {
    ambient,
    selector: {name: 'inventory', control},
    missing: {name: 'nobody', control},
    vanish: () => again('bystander'),
    restart: () => again('inventory', 'bystander'),
    close: async () => {
      await proxy.end('SIGKILL');
      upstream.close();
    },
  };
}

const flow = {direction: 'downstream', share: 1, ttlMs: 60_000} as const;

describeDriver('proxy', {
  driver,
  open,
  cases: [
    {
      name: 'network-latency',
      draft: (can, ref) =>
        can.connection!.latency(ref, {delayMs: 20, jitterMs: 5, direction: 'both', share: 1, ttlMs: 60_000}),
    },
    {
      name: 'network-bandwidth',
      draft: (can, ref) =>
        can.connection!.bandwidth(ref, {bytesPerSecond: 1000, direction: 'downstream', share: 0.5, ttlMs: 60_000}),
    },
    {name: 'network-partition', draft: (can, ref) => can.connection!.down(ref, {ttlMs: 60_000})},
    {name: 'connection-reset', draft: (can, ref) => can.connection!.reset(ref, {share: 1, ttlMs: 60_000})},
    {name: 'network-loss', draft: (can, ref) => can.connection!.loss(ref, {share: 0.5, seed: 7, ttlMs: 60_000})},
    {name: 'connection-timeout', draft: (can, ref) => can.connection!.timeout(ref, {...flow, afterMs: undefined})},
    {name: 'slow-close', draft: (can, ref) => can.connection!.slowClose(ref, {...flow, delayMs: 500})},
    {
      name: 'slicer',
      draft: (can, ref) => can.connection!.slicer(ref, {...flow, averageBytes: 8, variationBytes: 4, delayMs: 1}),
    },
    {
      name: 'http-status',
      draft: (can, ref) =>
        can.http!.treat(ref, {
          treatment: {type: 'http-status', status: 503, headers: {}, body: '', ask: false},
          match: {method: ['GET'], path: {regexp: '^/a'}},
          share: 0.5,
          seed: undefined,
          forMs: 60_000,
          place: undefined,
        }),
    },
    {name: 'limit-data', draft: (can, ref) => can.connection!.limitData(ref, {...flow, bytes: 100})},
  ],
});
