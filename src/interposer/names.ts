import {Resolver} from 'node:dns/promises';
import {readFile} from 'node:fs/promises';
import {isIP} from 'node:net';

/** No name server is waited for longer, ms; twice at most. */
const TIMEOUT_MS = 1_000;

/** A file as the target sees it; empty when it has none. */
function fileOf(targetPid: number, path: string): Promise<string> {
  return readFile(`/proc/${targetPid}/root${path}`, 'utf8').catch(() => '');
}

/** Rows of words, without comments. */
function rowsOf(text: string): readonly (readonly string[])[] {
  return text
    .split('\n')
    .map(line =>
      line
        .replace(/[#;].*$/, '')
        .trim()
        .split(/\s+/),
    )
    .filter(([first]) => first !== undefined && first !== '');
}

/**
 * The addresses of a host as the target would find them: itself, by its hosts file, by its name servers with their
 * search domains. To be called in the target's network namespace. Throws an Error when there is none.
 */
export async function addressesFor(host: string, targetPid: number): Promise<readonly string[]> {
  if (isIP(host) !== 0) return [host];
  const hosts = rowsOf(await fileOf(targetPid, '/etc/hosts'));
  const local = hosts.flatMap(([address = '', ...names]) =>
    names.includes(host) && isIP(address) !== 0 ? [address] : [],
  );
  if (local.length > 0) return [...new Set(local)].sort();
  const settings = rowsOf(await fileOf(targetPid, '/etc/resolv.conf'));
  const servers = settings.flatMap(([key, value = '']) => (key === 'nameserver' && isIP(value) !== 0 ? [value] : []));
  const search = settings.filter(([key]) => key === 'search' || key === 'domain').at(-1) ?? [];
  const resolver = new Resolver({timeout: TIMEOUT_MS, tries: 2});
  resolver.setServers(servers.length > 0 ? servers : ['127.0.0.1']);
  for (const name of [host, ...search.slice(1).map(domain => `${host}.${domain}`)]) {
    const [four, six] = await Promise.all([
      resolver.resolve4(name).catch(() => []),
      resolver.resolve6(name).catch(() => []),
    ]);
    if (four.length + six.length > 0) return [...four, ...six].sort();
  }
  throw new Error(`expected \`${host}\` to have an address in the target; its name servers know none`);
}
