import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import {markdownLines} from '../../terminal/markdown-lines.js';
import {table} from '../../terminal/text.js';
import {FiredrillCommand} from '../base.js';
import {FAULT_PAGE, PROBE_PAGE, readSections, sectionOf, summaryOf, type ReferencePage} from './page.js';

/** A page of the reference in the terminal: what there is, or all about one of it. */
abstract class Reference extends FiredrillCommand {
  static flags = {json: Flags.boolean({description: 'Print names and what they do as JSON, or the text of one.'})};
  protected abstract readonly page: ReferencePage;

  protected async show(name: string | undefined, json: boolean): Promise<void> {
    const sections = await readSections(this.installed.root, this.page);
    const {style, columns} = this.out;
    if (name === undefined) {
      const all = [...sections].map(([one, section]) => ({name: one, summary: summaryOf(section)}));
      if (json) this.printJson(all);
      else
        this.print([
          ...table(all.map(({name: one, summary}) => [style.bold(one), summary])),
          '',
          `All about one of them: firedrill ${this.page.what}s NAME`,
        ]);
      return;
    }
    const section = sectionOf(sections, name, this.page);
    if (json) this.printJson({name, text: section});
    else this.print(markdownLines(`## ${name}\n\n${section}`, style, columns));
  }
}

export class Faults extends Reference {
  static description =
    'Without a name: every fault. With one: parameters, and on each kind of target how it works, how it is undone and proven, and what it needs. The same as docs/faults.md.';
  static args = {name: Args.string({description: 'Name of a fault, such as `network-latency`.'})};
  static examples = ['<%= config.bin %> faults', '<%= config.bin %> faults network-latency'];
  protected readonly page = FAULT_PAGE;

  async run(): Promise<void> {
    const {args, flags} = await this.parse(Faults);
    await this.show(args.name, flags.json);
  }
}

export class Probes extends Reference {
  static description =
    'Without a name: every source of a metric. With one: its parameters and what it measures. The same as docs/probes.md.';
  static args = {name: Args.string({description: 'Name of a probe, such as `prometheus`.'})};
  static examples = ['<%= config.bin %> probes', '<%= config.bin %> probes prometheus'];
  protected readonly page = PROBE_PAGE;

  async run(): Promise<void> {
    const {args, flags} = await this.parse(Probes);
    await this.show(args.name, flags.json);
  }
}
