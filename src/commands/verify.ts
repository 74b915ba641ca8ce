import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import {readFile} from 'node:fs/promises';
import {resolve} from 'node:path';
import {unpack, type Entry} from '../history/evidence/archive.js';
import {withFolder} from '../history/evidence/export.js';
import {verifyEntries, type Verified} from '../history/evidence/verify.js';
import {FiredrillError} from '../system/error.js';
import {EXIT} from '../system/exit-codes.js';
import {FiredrillCommand} from './base.js';
import {findRun, runsDirFlag} from './runs-folder.js';

/** Of a packed file; what is in it is bounded by itself. */
const MOST_BYTES = 512 * 1024 * 1024;

export class Verify extends FiredrillCommand {
  static description =
    'Ends with 0 when every byte is as it was packed, with 7 when something changed (which file, and which lines of the record), and with 2 when it is no evidence pack. Nothing is unpacked to the disk.';
  static args = {
    file: Args.string({ignoreStdin: true, required: true, description: 'An evidence pack (firedrill export).'}),
  };
  static flags = {
    seal: Flags.string({helpValue: 'DIGEST', description: 'What `export` printed: the pack must be that one.'}),
    run: Flags.string({
      helpValue: 'RUN',
      description: 'Hold the record in this run folder against the pack, instead of the one in the pack.',
    }),
    'runs-dir': runsDirFlag,
    json: Flags.boolean({description: 'Print the result as JSON.'}),
  };
  static examples = [
    '<%= config.bin %> verify evidence.tar.gz',
    '<%= config.bin %> verify evidence.tar.gz --run latest',
  ];

  async run(): Promise<void> {
    const {args, flags} = await this.parse(Verify);
    const packed = unpack(await bytesOf(args.file));
    const entries = flags.run === undefined ? packed : await withFolder(packed, findRun(flags['runs-dir'], flags.run));
    const verified = verifyEntries(entries, flags.seal);
    const {manifest, seal, differences} = verified;
    if (flags.json) this.printJson({run: manifest.run, verified: differences.length === 0, seal, differences});
    else this.print(linesOf(verified, entries));
    this.endWith(differences.length === 0 ? 0 : EXIT.deviated);
  }
}

function linesOf({manifest, seal, differences}: Verified, entries: readonly Entry[]): readonly string[] {
  const head = [
    `Run   ${manifest.run}: ${manifest.title} (${manifest.verdict ?? 'no verdict'}, exit ${manifest.exit})`,
    `Seal  ${seal}`,
  ];
  if (differences.length === 0)
    return [...head, `Unchanged: every byte of ${entries.length} files is as it was packed.`];
  return [...head, ...differences.map(({file, what}) => `CHANGED  ${file}: ${what}`)];
}

/** @throws FiredrillError FILE_UNREADABLE */
async function bytesOf(file: string): Promise<Uint8Array> {
  const path = resolve(file);
  const bytes = await readFile(path).catch((cause: unknown) => {
    throw new FiredrillError('FILE_UNREADABLE', `Expected an evidence pack in \`${file}\`; it cannot be read.`, {
      cause,
    });
  });
  if (bytes.length <= MOST_BYTES) return bytes;
  throw new FiredrillError(
    'FILE_UNREADABLE',
    `Expected an evidence pack of at most ${MOST_BYTES} bytes; got ${bytes.length}.`,
  );
}
