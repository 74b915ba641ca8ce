import {killAndWait} from '../../../src/system/processes.js';
import {answersSoon, freePort, serverCommand, startForeign} from '../../support/processes.js';
import {startProxyProcess} from '../../support/proxy-process.js';
import {startFakeToxiproxy} from '../../support/toxiproxy.js';
import {casesOf, experiment, type CrashCase, type CrashStage} from './stage.js';

async function proxyStage(entry: string): Promise<CrashStage> {
  const port = await freePort();
  const upstream = await startForeign(serverCommand(port));
  const proxy = await startProxyProcess({connections: [{name: 'link', upstream: `127.0.0.1:${port}`}]});
  return {
    yaml: experiment(`{proxy: {name: link, control: "${proxy.control}"}}`, entry),
    look: async () => {
      const answers = await answersSoon(proxy.ports['link']!);
      const state = (await (
        await fetch(`${proxy.control}/v1/state`, {headers: {authorization: proxy.authorization}})
      ).json()) as {connections: {toxics: unknown[]}[]};
      return {
        answers,
        toxics: state.connections.flatMap(connection => connection.toxics),
      };
    },
    close: async () => {
      await proxy.end('SIGTERM');
      await killAndWait(upstream, 5_000);
    },
  };
}

/** A server of somebody else: it has no deadline of its own, so all depends on the guardian and on `recover`. */
async function toxiproxyStage(entry: string): Promise<CrashStage> {
  const server = await startFakeToxiproxy();
  server.add('link');
  return {
    yaml: experiment(`{toxiproxy: {name: link, url: "${server.url}"}}`, entry),
    look: () => Promise.resolve(structuredClone(server.proxies.get('link'))),
    close: () => server.close(),
  };
}

const ON_CONNECTIONS = [
  'network-latency: {delay: 300ms}',
  'network-bandwidth: {rate: 2kB/s}',
  'network-partition: {}',
  'connection-reset: {}',
  'network-loss: {share: 100%}',
  'connection-timeout: {}',
  'slow-close: {delay: 5s}',
  'slicer: {averageSize: 8B, delay: 20ms}',
  'limit-data: {bytes: 4B}',
];

export const PROXY_CASES: readonly CrashCase[] = casesOf('proxy', proxyStage, [
  ...ON_CONNECTIONS,
  'http-latency: {delay: 300ms}',
  'http-status: {status: 503}',
  'http-abort: {}',
  'http-body: {body: broken}',
]);

export const TOXIPROXY_CASES: readonly CrashCase[] = casesOf('toxiproxy', toxiproxyStage, [
  // Two toxics of one change.
  'network-latency: {delay: 300ms, direction: both}',
  ...ON_CONNECTIONS.slice(1),
]);
