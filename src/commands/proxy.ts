import {Flags} from '@oclif/core';
import {FiredrillCommand} from './base.js';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

export class Proxy extends FiredrillCommand {
  static override summary = 'Runs a TCP proxy into which experiments inject network faults.';
  static override description =
    'A long-lived process of its own, so that a dying run never takes the data path along. Every fault in it has a time to live. Stop it with Ctrl-C.';
  static override flags = {
    name: Flags.string({description: 'Name of the connection, as experiments select it.'}),
    listen: Flags.string({helpValue: 'HOST:PORT', description: 'Where clients connect to.'}),
    upstream: Flags.string({helpValue: 'HOST:PORT', description: 'Where it leads.'}),
    control: Flags.string({helpValue: 'HOST:PORT', description: 'Control API, on loopback. Default: 127.0.0.1:8474.'}),
    config: Flags.string({
      helpValue: 'FILE',
      description: 'YAML file with several connections, instead of the first three.',
    }),
  };
  static override examples = [
    '<%= config.bin %> proxy --name inventory --listen 127.0.0.1:18082 --upstream 127.0.0.1:8082',
  ];

  async run(): Promise<void> {
    const {flags} = await this.parse(Proxy);
    const {runProxy} = await import('../proxy/run.js');
    const stop = new AbortController();
    const end = () => stop.abort();
    for (const signal of SIGNALS) process.on(signal, end);
    try {
      await runProxy({...flags, signal: stop.signal, print: line => this.out.write(`${line}\n`)});
    } finally {
      for (const signal of SIGNALS) process.off(signal, end);
    }
  }
}
