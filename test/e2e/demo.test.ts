import {expect} from 'chai';
import {execFile} from 'node:child_process';
import {existsSync, readFileSync} from 'node:fs';
import {createServer} from 'node:net';
import {join} from 'node:path';
import {whyNot} from '../../scripts/shop-containers.mjs';
import {ensureBuilt, firedrill, ROOT} from '../support/cli.js';
import {describeWith} from '../support/needs.js';
import {shopEnvironment} from '../support/shop.js';

interface Demo {
  readonly code: number;
  readonly output: string;
}

function demo(script: string, environment: Record<string, string>): Promise<Demo> {
  return new Promise(resolve => {
    const env = {...process.env, ...environment};
    execFile(process.execPath, [`scripts/${script}`], {cwd: ROOT, env}, (error, stdout, stderr) => {
      const code = typeof error?.code === 'number' ? error.code : error === null ? 0 : 1;
      resolve({code, output: stdout + stderr});
    });
  });
}

/** The report that the demo names. */
function reportOf(output: string): string {
  const path = /The report is (\S+)/.exec(output)?.[1] ?? 'no report was named';
  return join(ROOT, path);
}

describe('npm run demo', function () {
  this.timeout(600_000);
  before(() => ensureBuilt());

  it('takes less than a minute, as it says', async () => {
    const {stdout} = await firedrill(['validate', 'experiments/process-freeze-inventory.yaml', '--json']);
    const [file] = JSON.parse(stdout) as {totalMs: number}[];
    expect(file?.totalMs).to.be.below(60_000);
    expect(readFileSync(join(ROOT, 'scripts/demo.mjs'), 'utf8')).to.include('it takes less than a minute');
  });

  it('deviates, names its report, and says what that taught', async () => {
    const {code, output} = await demo('demo.mjs', await shopEnvironment());
    expect(code, output).to.equal(0);
    expect(output).to.include('exit code 7').and.to.include('SHOP_INVENTORY_TIMEOUT_MS=150 npm run demo');
    expect(existsSync(reportOf(output))).to.equal(true);
    expect(readFileSync(reportOf(output), 'utf8')).to.include('Checkout survives a frozen inventory');
  });

  it('holds once the shop is repaired, and says which port was taken by whom', async () => {
    const environment: Record<string, string> = {...(await shopEnvironment()), SHOP_INVENTORY_TIMEOUT_MS: '150'};
    const port = Number(environment['SHOP_GATEWAY_PORT'] ?? 0);
    const squatter = createServer();
    await new Promise<void>(resolve => squatter.listen(port, '127.0.0.1', resolve));
    const {code, output} = await demo('demo.mjs', environment);
    await new Promise(resolve => squatter.close(resolve));
    expect(code, output).to.equal(0);
    expect(output).to.include('exit code 0, "held"');
    expect(output).to.include(`port ${port} is taken by pid ${process.pid}`);
  });
});

describeWith('docker', 'npm run demo:docker', function () {
  it('runs against containers, names its report and leaves nothing behind', async function () {
    this.timeout(600_000);
    ensureBuilt();
    const {code, output} = await demo('demo-docker.mjs', await shopEnvironment());
    expect(code, output).to.equal(0);
    expect(existsSync(reportOf(output))).to.equal(true);
    expect(await whyNot()).to.equal(undefined);
  });
});
