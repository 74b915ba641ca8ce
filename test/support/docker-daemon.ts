import {execFileSync, spawn, type ChildProcess} from 'node:child_process';
import {closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {setTimeout as delay} from 'node:timers/promises';
import {docker, importBusybox} from './docker.js';

const START_LIMIT_MS = 30_000;

async function endChild(child: ChildProcess | undefined, signal: NodeJS.Signals): Promise<void> {
  if (child?.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise(resolve => child.once('exit', resolve));
  child.kill(signal);
  await ended;
}

/**
 * An engine of the test's own, in a network namespace of its own, so that it touches nothing of the real one. Its
 * containerd is a process of its own, as on a real host: it outlives a daemon that is killed.
 */
export class OwnEngine {
  private readonly folder = mkdtempSync(join(tmpdir(), 'fd-engine-'));
  readonly host = `unix://${join(this.folder, 'docker.sock')}`;
  private containerd: ChildProcess | undefined;
  private daemon: ChildProcess | undefined;

  /** `docker` on this engine. */
  docker(...args: readonly string[]): Promise<string> {
    return docker('-H', this.host, ...args);
  }

  private path(name: string): string {
    return join(this.folder, name);
  }

  private launch(command: string, args: readonly string[]): ChildProcess {
    const log = openSync(this.path('log'), 'a');
    const child = spawn(command, [...args], {stdio: ['ignore', log, log]});
    closeSync(log);
    return child;
  }

  private startContainerd(): string {
    const [config, socket] = [this.path('containerd.toml'), this.path('containerd.sock')];
    writeFileSync(config, 'version = 2\ndisabled_plugins = ["io.containerd.grpc.v1.cri"]\n');
    const folders = ['--root', this.path('containerd'), '--state', this.path('containerd-state')];
    this.containerd ??= this.launch('containerd', ['--config', config, ...folders, '--address', socket]);
    return socket;
  }

  /** Starts it, or starts it again on what it had; resolves when it answers. */
  async start(): Promise<void> {
    const containerd = this.startContainerd();
    // A daemon with --bridge=none *deletes* the docker0 it finds: only a network namespace of its own keeps it from the
    // host's.
    this.daemon = this.launch('unshare', [
      ...['--net', 'dockerd'],
      ...['--containerd', containerd, '--data-root', this.path('data'), '--exec-root', this.path('exec')],
      ...['--pidfile', this.path('pid'), '-H', this.host, '--shutdown-timeout', '2'],
      ...['--bridge=none', '--iptables=false', '--ip6tables=false'],
    ]);
    const end = Date.now() + START_LIMIT_MS;
    for (;;) {
      try {
        await this.docker('version');
        return;
      } catch (error) {
        if (Date.now() > end) throw new Error(`no engine: ${this.log()}`, {cause: error});
        await delay(200);
      }
    }
  }

  /** Ends the daemon by its pid with this signal and waits for its end; its containers may live on. */
  async end(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    await endChild(this.daemon, signal);
    this.daemon = undefined;
    rmSync(this.path('pid'), {force: true});
  }

  async loadBusybox(): Promise<string> {
    const tag = await importBusybox();
    const tar = this.path('busybox.tar');
    await docker('save', '-o', tar, tag);
    await this.docker('load', '-i', tar);
    return tag;
  }

  private log(): string {
    return readFileSync(this.path('log'), 'utf8').slice(-2000);
  }

  private mounts(): readonly string[] {
    const rows = readFileSync('/proc/mounts', 'utf8').split('\n');
    return rows
      .map(row => row.split(' ')[1] ?? '')
      .filter(path => path.startsWith(`${this.folder}/`))
      .sort()
      .reverse();
  }

  /** Removes its containers, ends what it started and removes its folder. */
  async remove(): Promise<void> {
    try {
      const ids = (await this.docker('ps', '-aq')).split('\n').filter(id => id !== '');
      if (ids.length > 0) await this.docker('rm', '-f', ...ids);
    } finally {
      await this.end();
      await endChild(this.containerd, 'SIGTERM');
      for (const mount of this.mounts()) execFileSync('umount', ['-l', mount]);
      rmSync(this.folder, {recursive: true, force: true, maxRetries: 5, retryDelay: 200});
    }
  }
}
