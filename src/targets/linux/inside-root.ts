import {lstat, readlink} from 'node:fs/promises';
import {join} from 'node:path';

/** As many as the kernel follows. */
const MOST_LINKS = 40;

/**
 * The folder that a path means to a process whose root is `root`, as a path below that root without any symbolic link
 * in it: links, absolute ones too, and `..` never lead out of the root, as they would if the path were just appended.
 * @throws the system's error (ENOENT, ENOTDIR, ELOOP) where there is no such folder.
 */
export async function folderInside(root: string, path: string): Promise<string> {
  const waiting = path.split('/');
  let at: string[] = [];
  let links = 0;
  for (let part = waiting.shift(); part !== undefined; part = waiting.shift()) {
    if (part === '' || part === '.') continue;
    if (part === '..') {
      at.pop();
      continue;
    }
    const here = join(root, ...at, part);
    const stat = await lstat(here);
    if (stat.isSymbolicLink()) {
      links += 1;
      if (links > MOST_LINKS) throw problem('ELOOP', 'too many symbolic links', path);
      const to = await readlink(here);
      if (to.startsWith('/')) at = [];
      waiting.unshift(...to.split('/'));
    } else if (stat.isDirectory()) {
      at.push(part);
    } else {
      throw problem('ENOTDIR', 'not a folder', path);
    }
  }
  return `/${at.join('/')}`;
}

function problem(code: string, what: string, path: string): Error {
  return Object.assign(new Error(`${code}: ${what}, \`${path}\``), {code});
}
