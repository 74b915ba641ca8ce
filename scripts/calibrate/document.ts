import {existsSync, readFileSync, writeFileSync} from 'node:fs';
import {fileURLToPath} from 'node:url';

const HEAD = `# Calibration

How often the judgement is wrong: on real runs in which nothing was broken, and on simulated ones of which the truth is known. Every figure
here is written by a command; nothing is written by hand.
`;

/** In the order in which they stand. Each is written by a command of its own, and by no other. */
const PARTS = ['live', 'simulated'] as const;
type Part = (typeof PARTS)[number];

const markers = (part: Part) => [`<!-- ${part}: begin -->`, `<!-- ${part}: end -->`] as const;

function partOf(document: string, part: Part): string {
  const [begin, end] = markers(part);
  const [from, to] = [document.indexOf(begin), document.indexOf(end)];
  return from < 0 || to < from ? '' : document.slice(from + begin.length, to).trim();
}

/** The document with one part replaced; the others stay as they are. */
export function withPart(document: string, part: Part, text: string): string {
  const blocks = PARTS.map(one => {
    const [begin, end] = markers(one);
    return [begin, '', one === part ? text.trim() : partOf(document, one), '', end, ''].join('\n');
  });
  return [HEAD, ...blocks].join('\n');
}

/** Writes one part of docs/calibration.md; answers where that is. */
export function writePart(part: Part, text: string): string {
  const file = fileURLToPath(new URL('../../docs/calibration.md', import.meta.url));
  writeFileSync(file, withPart(existsSync(file) ? readFileSync(file, 'utf8') : '', part, text));
  return file;
}
