import * as Flags from '@oclif/core/flags';
import {resolve} from 'node:path';
import {compareRuns} from '../history/compare/compare.js';
import type {Comparison, JudgedRun} from '../history/compare/comparison.js';
import {comparisonLines} from '../history/compare/lines.js';
import {comparisonMarkdown} from '../history/compare/markdown.js';
import {judgedRun} from '../history/judged.js';
import {printableJson} from '../quantities/printable.js';
import {FiredrillError} from '../system/error.js';
import {FiredrillCommand} from './base.js';
import {findRun, runsDirFlag} from './runs-folder.js';

const MOST_RUNS = 50;

export class Compare extends FiredrillCommand {
  static description =
    'Compares each run with the first that is named, by the change of every metric against its own baseline, lost requests, time to notice and to recover, and findings. Better or worse is said only where the intervals prove it.';
  static usage = 'compare RUN RUN… [--format terminal|markdown|html|json] [--output FILE] [--anyway]';
  static strict = false;
  static flags = {
    format: Flags.string({
      options: ['terminal', 'markdown', 'html', 'json'],
      default: 'terminal',
      description: 'How it is told; html is one file that works offline.',
    }),
    output: Flags.string({char: 'o', helpValue: 'FILE', description: 'Write it there instead of printing it.'}),
    anyway: Flags.boolean({description: 'Also runs of different experiments.'}),
    'runs-dir': runsDirFlag,
  };
  static examples = [
    '<%= config.bin %> compare 20260101-120000-abcd latest',
    '<%= config.bin %> compare 20260101-120000-abcd 20260102-120000-ef01 latest --format html -o comparison.html',
  ];

  async run(): Promise<void> {
    const {argv, flags} = await this.parse(Compare);
    const {ports} = await this.machine();
    const folders = [...new Set(argv.map(name => findRun(flags['runs-dir'], String(name))))];
    const [first, ...others] = await Promise.all(folders.map(folder => judgedRun(ports.disk, folder)));
    if (first === undefined || others.length === 0 || folders.length > MOST_RUNS) {
      const came = folders.length === argv.length ? `${folders.length}` : `${folders.length} (one is named twice)`;
      throw new FiredrillError('BAD_USAGE', `Expected two to ${MOST_RUNS} different runs to compare; got ${came}.`, {
        hint: 'firedrill runs list',
      });
    }
    if (flags.output !== undefined && flags.format === 'terminal') {
      throw new FiredrillError('BAD_USAGE', 'Expected a format for a file; got `--output` without `--format`.', {
        hint: '--format html, --format markdown or --format json',
      });
    }
    if (!flags.anyway) refuseOthers([first, ...others]);
    const comparison = compareRuns([first, ...others]);
    const {format, output} = flags;
    if (format === 'terminal') {
      this.print(comparisonLines(comparison, this.out));
      return;
    }
    const text = await rendered(comparison, format);
    if (output === undefined) this.out.write(text);
    else {
      await ports.disk.replace(resolve(output), text);
      this.print([resolve(output)]);
    }
  }
}

async function rendered(comparison: Comparison, format: string): Promise<string> {
  if (format === 'json') return `${printableJson(comparison)}\n`;
  if (format === 'markdown') return comparisonMarkdown(comparison);
  const {comparisonHtml} = await import('../history/compare/html.js');
  return comparisonHtml(comparison);
}

/** @throws FiredrillError BAD_USAGE */
function refuseOthers([first, ...others]: readonly [JudgedRun, ...JudgedRun[]]): void {
  const other = others.find(({result}) => result.title !== first.result.title);
  if (other === undefined) return;
  const named = ({result}: JudgedRun) => `\`${result.run}\` is of "${result.title}"`;
  throw new FiredrillError(
    'BAD_USAGE',
    `Expected runs of one experiment, by its title; ${named(first)}, ${named(other)}.`,
    {hint: 'To compare them all the same: --anyway. The comparison says what differs in their plans.'},
  );
}
