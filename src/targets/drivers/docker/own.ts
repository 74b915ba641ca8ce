import {existsSync, readFileSync} from 'node:fs';
import {hostname} from 'node:os';

const ID = /(?:docker|containers|libpod)[/-]([0-9a-f]{64})/;

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

/** Ids (or their first 12 digits) of the container this process runs in; empty when it runs in none. */
export function ownContainerIds(): readonly string[] {
  const found = [readText('/proc/self/cgroup'), readText('/proc/self/mountinfo')].flatMap(text => {
    // On the engine's own host the mounts of *other* containers are listed too: only this process's /etc/hostname
    // counts.
    const lines = text.split('\n').filter(line => !line.includes(' ') || line.includes(' /etc/hostname '));
    return lines.flatMap(line => ID.exec(line)?.[1] ?? []);
  });
  if (existsSync('/.dockerenv') && /^[0-9a-f]{12}$/.test(hostname())) found.push(hostname());
  return found;
}
