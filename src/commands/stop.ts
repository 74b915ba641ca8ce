import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import {FiredrillError} from '../system/error.js';
import {EXIT} from '../system/exit-codes.js';
import {FiredrillCommand} from './base.js';
import {worldFlags, worldsOf} from './worlds.js';

const WAIT_MS = 60_000;

export class Stop extends FiredrillCommand {
  static description =
    'From another machine, name the run and the world that carries its mark (--docker, --proxy, --kubernetes).';
  static args = {run: Args.string({ignoreStdin: true, description: 'The run to stop.'})};
  static flags = {
    all: Flags.boolean({description: 'Every live run of this user on this machine.'}),
    json: Flags.boolean({description: 'Print the result as JSON.'}),
    ...worldFlags,
  };
  static examples = ['<%= config.bin %> stop --all', '<%= config.bin %> stop 20260101-120000-abcd --docker local'];

  async run(): Promise<void> {
    const {args, flags} = await this.parse(Stop);
    if ((args.run === undefined) === !flags.all) {
      throw new FiredrillError('BAD_USAGE', 'Expected the name of a run, or `--all`.', {
        hint: 'firedrill runs list shows the runs.',
      });
    }
    const {ports} = await this.machine();
    const {awaitStopped, requestStop, requestStopInWorld} = await import('../run/safety/stop.js');
    const worlds = await worldsOf(flags, ports);
    if (worlds.length > 0 && args.run !== undefined) {
      for (const world of worlds) await requestStopInWorld(ports, args.run, world);
      this.show({asked: [args.run]}, [`asked ${args.run} to stop, by a mark that it polls`], flags.json);
      return;
    }
    const asked = await requestStop(ports, args.run);
    const left = await awaitStopped(ports, asked, WAIT_MS);
    const lines = asked.map(run => (left.includes(run) ? `${run}: asked, but it is still alive` : `${run}: stopped`));
    this.show({asked, stillAlive: left}, lines.length === 0 ? ['No run is alive.'] : lines, flags.json);
    this.endWith(left.length === 0 ? 0 : EXIT.notSteady);
  }

  private show(value: unknown, lines: readonly string[], json: boolean): void {
    if (json) this.printJson(value);
    else this.print(lines);
  }
}
