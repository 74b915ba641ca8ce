import {spawn, type ChildProcess} from 'node:child_process';
import {once} from 'node:events';
import {mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {createServer, type Server} from 'node:http';
import type {AddressInfo} from 'node:net';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {freePort} from './processes.js';

export const PROMETHEUS = '/usr/bin/prometheus';

/** Something to scrape, whose text a test writes. */
export interface TestExporter {
  readonly port: number;
  /** What the next scrapes read; undefined: it answers with an error. */
  text: () => string | undefined;
  close(): Promise<void>;
}

/** Listens on a loopback port. The text is made at the moment of the scrape. */
export async function startExporter(text: () => string | undefined): Promise<TestExporter> {
  const exporter = {text};
  const server: Server = createServer((_request, response) => {
    const body = exporter.text();
    response.writeHead(body === undefined ? 503 : 200, {'content-type': 'text/plain; version=0.0.4'});
    response.end(body);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return Object.assign(exporter, {
    port: (server.address() as AddressInfo).port,
    close: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  });
}

/** A real Prometheus server that scrapes exporters of the test, as the job `shop`. */
export interface TestPrometheus {
  readonly url: string;
  /** Ends it at once, as a crash does. */
  kill(): Promise<void>;
  /** Starts it again, with what it had stored. */
  start(): Promise<void>;
  close(): Promise<void>;
}

/** What else a server is started with. */
interface PrometheusOptions {
  /** Of scrapes and of evaluations. */
  readonly every?: string;
  /** A file of rules, as YAML or JSON. */
  readonly rules?: string;
  /** `host:port` of an Alertmanager. */
  readonly alertmanager?: string;
}

export async function startPrometheus(
  exporters: readonly Pick<TestExporter, 'port'>[],
  {every = '1s', rules, alertmanager}: PrometheusOptions = {},
): Promise<TestPrometheus> {
  const folder = mkdtempSync(join(tmpdir(), 'fd-prometheus-'));
  const port = await freePort();
  const targets = exporters.map(exporter => `'127.0.0.1:${exporter.port}'`).join(', ');
  const config = join(folder, 'prometheus.yml');
  if (rules !== undefined) writeFileSync(join(folder, 'rules.yml'), rules);
  const ruleFiles = rules === undefined ? '' : `rule_files: ['${join(folder, 'rules.yml')}']\n`;
  const alerting =
    alertmanager === undefined
      ? ''
      : `alerting: {alertmanagers: [{static_configs: [{targets: ['${alertmanager}']}]}]}\n`;
  writeFileSync(
    config,
    `${alerting}global: {scrape_interval: ${every}, scrape_timeout: ${every}, evaluation_interval: ${every}}\n${ruleFiles}scrape_configs:\n  - job_name: shop\n    static_configs: [{targets: [${targets}]}]\n`,
  );
  const url = `http://127.0.0.1:${port}`;
  const args = [
    `--config.file=${config}`,
    `--storage.tsdb.path=${join(folder, 'data')}`,
    `--web.listen-address=127.0.0.1:${port}`,
    // What fired before the Alertmanager was found is told to it soon, not after a minute.
    '--rules.alert.resend-delay=1s',
    '--log.level=error',
  ];
  let child: ChildProcess | undefined;
  const kill = async () => {
    if (child?.exitCode === null && child.signalCode === null) {
      const gone = once(child, 'exit');
      child.kill('SIGKILL');
      await gone;
    }
    child = undefined;
  };
  const start = async () => {
    child = spawn(PROMETHEUS, args, {stdio: 'ignore', cwd: '/'});
    await answers(`${url}/-/ready`);
  };
  await start();
  return {
    url,
    kill,
    start,
    close: async () => {
      await kill();
      rmSync(folder, {recursive: true});
    },
  };
}

export const ALERTMANAGER = '/usr/bin/prometheus-alertmanager';

/** A real Alertmanager with this configuration (YAML or JSON). */
export async function startAlertmanager(
  configuration: string,
): Promise<{readonly address: string; close(): Promise<void>}> {
  const folder = mkdtempSync(join(tmpdir(), 'fd-alertmanager-'));
  const address = `127.0.0.1:${await freePort()}`;
  writeFileSync(join(folder, 'alertmanager.yml'), configuration);
  const args = [
    `--config.file=${join(folder, 'alertmanager.yml')}`,
    `--storage.path=${join(folder, 'data')}`,
    `--web.listen-address=${address}`,
    '--cluster.listen-address=',
    '--log.level=error',
  ];
  const child = spawn(ALERTMANAGER, args, {stdio: 'ignore', cwd: '/'});
  await answers(`http://${address}/-/ready`);
  return {
    address,
    close: async () => {
      const gone = once(child, 'exit');
      child.kill('SIGKILL');
      await gone;
      rmSync(folder, {recursive: true});
    },
  };
}

async function answers(url: string): Promise<void> {
  const until = Date.now() + 30_000;
  for (;;) {
    const ok = await fetch(url).then(
      response => response.ok,
      () => false,
    );
    if (ok) return;
    if (Date.now() > until) throw new Error(`${url} does not answer`);
    await new Promise(resolve => setTimeout(resolve, 50));
  }
}
