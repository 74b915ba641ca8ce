import * as Flags from '@oclif/core/flags';
import {FiredrillCommand} from './base.js';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

export class Proxy extends FiredrillCommand {
  static description =
    'A long-lived process of its own, so that a dying run never takes the data path along. Every fault in it has a time to live. Its control API takes orders only from who can read its token, a file in the state directory (FIREDRILL_STATE) of the user who starts it; FIREDRILL_PROXY_TOKENS names another folder, for the proxy and for who uses it. Stop it with Ctrl-C.';
  static flags = {
    name: Flags.string({description: 'Name of the connection, as experiments select it.'}),
    listen: Flags.string({helpValue: 'HOST:PORT', description: 'Where clients connect to.'}),
    upstream: Flags.string({helpValue: 'HOST:PORT', description: 'Where it leads.'}),
    control: Flags.string({helpValue: 'HOST:PORT', description: 'Control API, on loopback. Default: 127.0.0.1:8474.'}),
    config: Flags.string({
      helpValue: 'FILE',
      description: 'YAML file with several connections, instead of the first three.',
    }),
  };
  static examples = ['<%= config.bin %> proxy --name inventory --listen 127.0.0.1:18082 --upstream 127.0.0.1:8082'];

  async run(): Promise<void> {
    const {flags} = await this.parse(Proxy);
    const [{runProxy}, {tokenFolder}, {stateDirectory}] = await Promise.all([
      import('../proxy/run.js'),
      import('../system/control-token.js'),
      import('../run/machine.js'),
    ]);
    const tokens = tokenFolder(this.environment, stateDirectory(this.environment));
    const stop = new AbortController();
    const end = () => stop.abort();
    for (const signal of SIGNALS) process.on(signal, end);
    try {
      await runProxy({...flags, tokens, signal: stop.signal, print: line => this.out.lines([line])});
    } finally {
      for (const signal of SIGNALS) process.off(signal, end);
    }
  }
}
