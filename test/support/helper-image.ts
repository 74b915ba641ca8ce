import {execFileSync} from 'node:child_process';
import {cpSync, existsSync, mkdirSync, readdirSync, realpathSync, rmSync, symlinkSync} from 'node:fs';
import {basename, join} from 'node:path';
import {addBusybox, addProgram, cached} from './docker.js';

const HELPER = 'firedrill-test-helper:2';
const APPLETS = [
  'sed',
  'date',
  'head',
  'timeout',
  'mv',
  'cut',
  'grep',
  'awk',
  'id',
  'env',
  'sort',
  'tr',
  'rm',
  'mkdir',
];

function placeOf(tool: string): string {
  return execFileSync('sh', ['-c', `command -v ${tool}`], {
    encoding: 'utf8',
    env: {PATH: '/usr/sbin:/usr/bin:/sbin:/bin'},
  }).trim();
}

/** iptables is one program by many names; it loads its matches and targets from a folder. */
function addIptables(root: string): void {
  for (const backend of ['nft', 'legacy']) {
    const multi = realpathSync(placeOf(`iptables-${backend}`));
    addProgram(root, multi, `/usr/sbin/${basename(multi)}`);
    for (const family of ['iptables', 'ip6tables']) {
      for (const action of ['', '-restore', '-save']) {
        symlinkSync(basename(multi), join(root, `usr/sbin/${family}-${backend}${action}`));
        if (backend === 'nft') symlinkSync(basename(multi), join(root, `usr/sbin/${family}${action}`));
      }
    }
  }
}

function addFolder(root: string, folder: string): void {
  if (!existsSync(folder)) return;
  mkdirSync(join(root, folder), {recursive: true});
  for (const file of readdirSync(folder)) {
    if (/\.(so|dist)$/.test(file)) cpSync(realpathSync(join(folder, file)), join(root, folder, file));
  }
}

/**
 * An image like the one of helper/Dockerfile, from this machine's own tools: no registry can be reached. Made once per
 * engine.
 */
export function importHelper(): Promise<string> {
  return cached(HELPER, root => {
    addBusybox(root);
    for (const applet of APPLETS) symlinkSync('busybox', join(root, 'bin', applet));
    // Debian's static busybox prefers its own applets to the programs of the same name, `ip` among them.
    rmSync(join(root, 'bin/sh'), {force: true});
    addProgram(root, '/bin/dash', '/bin/sh');
    for (const tool of ['ip', 'tc', 'getent']) addProgram(root, placeOf(tool), `/usr/bin/${tool}`);
    addIptables(root);
    const libraries = execFileSync('sh', ['-c', 'dirname "$(find /usr/lib /lib -name libxt_comment.so | head -n 1)"'], {
      encoding: 'utf8',
    }).trim();
    for (const folder of [libraries, '/usr/lib/tc']) addFolder(root, folder);
    mkdirSync(join(root, 'run'), {recursive: true});
  });
}
