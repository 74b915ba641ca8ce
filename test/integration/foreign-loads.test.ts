import {expect} from 'chai';
import {existsSync, writeFileSync} from 'node:fs';
import {networkInterfaces} from 'node:os';
import {join} from 'node:path';
import {ensureBuilt, firedrill} from '../support/cli.js';
import {suiteFolder} from '../support/shop.js';

/** An address for documentation (RFC 5737): nobody has it. */
const FOREIGN = '192.0.2.1';

const FILE = (url: string) => `version: 1
title: A load of somebody else
targets: { idle: { process: { start: [sleep, "613"] } } }
load: { visit: { http: "${url}", rate: 5/s, timeout: 1s } }
steadyState: { errors: { load: { of: visit, measure: errors.ratio }, tolerance: { below: 1% } } }
faults: [ { name: freeze, pause: {}, targets: [idle], for: 20s } ]
`;

describe('a load to a host that is neither this machine nor a target', function () {
  const folder = suiteFolder();
  const path = join(folder.path, 'foreign.yaml');
  const runs = join(folder.path, 'runs');
  const policy = join(folder.path, 'policy.yaml');
  const environment = {FIREDRILL_STATE: join(folder.path, 'state'), SHOP: FOREIGN};
  const told = async (args: readonly string[], more: Readonly<Record<string, string>> = {}) => {
    const {code, stdout, stderr} = await firedrill(args, {...environment, ...more});
    return {code, text: `${stdout}${stderr}`};
  };
  before(() => ensureBuilt());

  it('is refused by plan, run and load, which say how to name it, and nothing is sent', async () => {
    writeFileSync(path, FILE(`http://${FOREIGN}:81/`));
    for (const args of [
      ['plan', path],
      ['run', path, '--yes', '--runs-dir', runs],
      ['load', path, '--for', '2s'],
    ]) {
      const {code, text} = await told(args);
      expect(text, args[0]).to.include(`\`visit\` goes to \`http://${FOREIGN}:81\``).and.to.include('--load-to');
      expect(code, args[0]).to.equal(3);
    }
    expect(existsSync(runs)).to.equal(false);
  });

  it('is planned once it is named, and a policy that has a list decides instead', async () => {
    expect((await told(['plan', path, '--load-to', FOREIGN])).code).to.equal(0);
    expect((await told(['plan', path, '--load-to', '192.0.3.*'])).code).to.equal(3);
    writeFileSync(policy, 'version: 1\nload: { hosts: [shop.example] }\n');
    const {code, text} = await told(['plan', path, '--load-to', FOREIGN], {FIREDRILL_POLICY: policy});
    expect(text).to.include(`that the policy names; \`visit\` goes to \`http://${FOREIGN}:81\` (${policy})`);
    expect(code).to.equal(3);
    writeFileSync(policy, `version: 1\nload: { hosts: ["${FOREIGN}"] }\n`);
    expect((await told(['plan', path], {FIREDRILL_POLICY: policy})).code).to.equal(0);
  });

  it('is known by what its secrets say, which are not shown', async () => {
    writeFileSync(path, FILE('http://${secret:env:SHOP}/'));
    const {code, text} = await told(['plan', path]);
    expect(code).to.equal(3);
    expect(text).to.include('goes to `http://${secret:env:SHOP}`').and.not.include(FOREIGN);
  });

  it('is every server of a store that it names, and no unix socket', async () => {
    const load = (kind: string) => FILE('URL').replace('http: "URL"', kind);
    const to = (kind: string, more = {}) => {
      writeFileSync(path, load(kind));
      return told(['plan', path], more);
    };
    const sql = await to(`sql: { url: "postgres://u@127.0.0.1:81,${FOREIGN}:82/shop", query: select 1 }`);
    expect(sql.text).to.include(`\`visit\` goes to \`postgres://127.0.0.1:81,${FOREIGN}:82\``);
    expect(sql.code).to.equal(3);
    const redis = await to(`redis: { urls: ["redis://127.0.0.1:81", "redis://${FOREIGN}"], command: [PING] }`);
    expect(redis.text).to.include(`\`visit\` goes to \`redis://${FOREIGN}\``);
    expect(redis.code).to.equal(3);
    const secret = 'sql: { url: "mysql://u:${secret:env:PW}@${secret:env:SHOP}/shop", query: select 1 }';
    const hidden = await to(secret, {PW: 's3cret-pw'});
    expect(hidden.text).to.include('goes to `mysql://${secret:env:SHOP}`').and.not.include(FOREIGN);
    expect(hidden.text).to.not.include('s3cret-pw');
    expect(hidden.code).to.equal(3);
    expect((await to('sql: { url: "postgres://u@/shop?host=/run/db", query: select 1 }')).code).to.equal(0);
    const named = await told(['plan', path, '--load-to', FOREIGN]);
    expect(named.code, named.text).to.equal(0);
  });

  it('is not one of the names and addresses of this machine', async () => {
    // The bridges of other tests' networks come and go.
    const lasting = Object.entries(networkInterfaces()).filter(([name]) => !/^(br-|veth)/.test(name));
    const own = lasting.flatMap(([, addresses]) => addresses ?? []);
    const hosts = own.flatMap(({address, family, scopeid}) =>
      family === 'IPv4' ? [address] : scopeid === 0 ? [`[${address}]`] : [],
    );
    for (const host of ['localhost', 'shop.localhost', '127.8.9.1', '[::ffff:127.0.0.1]', ...hosts]) {
      writeFileSync(path, FILE(`http://${host}:81/`));
      expect((await told(['plan', path])).code, host).to.equal(0);
    }
  });
});
