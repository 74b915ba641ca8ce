import * as Flags from '@oclif/core/flags';
import {writeFile} from 'node:fs/promises';
import {resolve} from 'node:path';
import {pack} from '../history/evidence/archive.js';
import {digestOf} from '../history/evidence/chain.js';
import {evidenceEntries} from '../history/evidence/export.js';
import {MANIFEST} from '../history/evidence/manifest.js';
import {FiredrillError} from '../system/error.js';
import {FiredrillCommand} from './base.js';
import {judgeFolder, refuseLive} from './run-result.js';
import {findRun, runArgument, runsDirFlag} from './runs-folder.js';

export class Export extends FiredrillCommand {
  static description =
    'The seal that is printed is the digest of the manifest, which has the digests of all files and the heads of the chains over the lines of the record. Keep it somewhere else: with it `verify` knows whether the pack is the one that was made.';
  static args = {run: runArgument};
  static flags = {
    out: Flags.string({helpValue: 'FILE', description: 'Where to write; default: RUN.evidence.tar.gz here.'}),
    'runs-dir': runsDirFlag,
    json: Flags.boolean({description: 'Print what was written as JSON.'}),
  };
  static examples = ['<%= config.bin %> export latest', '<%= config.bin %> export latest --out evidence.tar.gz'];

  async run(): Promise<void> {
    const {args, flags} = await this.parse(Export);
    const {ports} = await this.machine();
    const folder = findRun(flags['runs-dir'], args.run);
    const result = await judgeFolder(ports.disk, folder);
    await refuseLive(ports, result);
    const packedBy = `${this.installed.name}/${this.installed.version}`;
    const entries = await evidenceEntries(folder, result, packedBy);
    const path = resolve(flags.out ?? `${result.run}.evidence.tar.gz`);
    await writeFile(path, pack(entries), {mode: 0o600}).catch((cause: unknown) => {
      throw new FiredrillError('BAD_USAGE', `Expected a file that can be written; \`${path}\` cannot.`, {cause});
    });
    const seal = digestOf(entries.find(({name}) => name === MANIFEST)?.bytes ?? '');
    if (flags.json) this.printJson({run: result.run, path, seal, files: entries.map(({name}) => name)});
    else this.print([path, `Seal  ${seal}`, `Check it with: firedrill verify ${path} --seal ${seal}`]);
  }
}
