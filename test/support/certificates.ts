import {execFileSync} from 'node:child_process';
import {mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';

export interface TestCertificate {
  readonly cert: string;
  readonly key: string;
}

export interface TestAuthority {
  /** Path of its own certificate. */
  readonly file: string;
  /** A certificate for a host name, from (default: a day ago) until so many days from now, negative ones passed. */
  issue(name: string, until: number, from?: number): TestCertificate;
  /** Writes a file beside it and answers its path. */
  write(name: string, text: string): string;
  close(): void;
}

const DAY_MS = 86_400_000;

/** As `openssl ca` and `x509` write dates: 20260131120000Z. */
function daysFromNow(days: number): string {
  return new Date(Date.now() + days * DAY_MS).toISOString().replaceAll(/[-:T]|\.\d+/g, '');
}

const CONFIG = `
[ca]
default_ca = it
[it]
database = index.txt
serial = serial
new_certs_dir = .
default_md = sha256
policy = any
copy_extensions = copy
unique_subject = no
[any]
commonName = supplied
`;

/** A certificate authority of its own, by openssl in a temporary folder. */
export function makeAuthority(): TestAuthority {
  const folder = mkdtempSync(join(tmpdir(), 'fd-ca-'));
  const openssl = (args: readonly string[]) =>
    execFileSync('openssl', [...args], {cwd: folder, stdio: 'pipe', timeout: 20_000});
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  for (const [name, text] of Object.entries({'ca.cnf': CONFIG, 'index.txt': '', serial: '01\n'}))
    writeFileSync(join(folder, name), text);
  openssl([
    'req',
    '-x509',
    ...key,
    '-keyout',
    'ca.key',
    '-out',
    'ca.pem',
    '-subj',
    '/CN=Test authority',
    '-days',
    '30',
  ]);
  return {
    file: join(folder, 'ca.pem'),
    issue: (name, until, from = Math.min(-1, until - 1)) => {
      const san = ['-addext', `subjectAltName=DNS:${name}`];
      openssl(['req', '-new', ...key, '-keyout', 'one.key', '-out', 'one.csr', '-subj', `/CN=${name}`, ...san]);
      const dates = ['-startdate', daysFromNow(from), '-enddate', daysFromNow(until)];
      const signed = ['-batch', '-config', 'ca.cnf', '-cert', 'ca.pem', '-keyfile', 'ca.key'];
      openssl(['ca', ...signed, ...dates, '-in', 'one.csr', '-out', 'one.pem', '-notext']);
      return {cert: readFileSync(join(folder, 'one.pem'), 'utf8'), key: readFileSync(join(folder, 'one.key'), 'utf8')};
    },
    write: (name, text) => {
      writeFileSync(join(folder, name), text);
      return join(folder, name);
    },
    close: () => rmSync(folder, {recursive: true, force: true}),
  };
}
