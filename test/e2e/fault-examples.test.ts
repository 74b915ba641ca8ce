import {expect} from 'chai';
import {cpSync, readdirSync, readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {exampleFile} from '../../scripts/generate/examples.js';
import {find} from '../../scripts/generate/folders.js';
import {removeShop, startShop} from '../../scripts/shop-containers.mjs';
import type {Example} from '../../src/faults/reference.js';
import type {Result} from '../../src/verdict/result.js';
import {ensureBuilt, firedrill, ROOT} from '../support/cli.js';
import {Gate} from '../support/gate.js';
import {KubeBench} from '../support/kube-api-bench.js';
import {describeWith} from '../support/needs.js';
import {uniqueName} from '../support/docker.js';
import {scratchFolder, shopEnvironment, withShopProxy} from '../support/shop.js';

/** The examples of docs/faults.md, run on the demo shop: what is written there works. */

/** An example with the fault that it is one of. */
type NamedExample = Example & {readonly of: string};

type Environment = Readonly<Record<string, string>>;

const SELECTED = process.argv.some(argument => /^(-g|-f|--f?grep)/.test(argument));
/** Shops at a time. */
const SHOPS = 3;
const {faults, drivers: DRIVERS} = await find(ROOT);
const EXAMPLES = allExamples();

function allExamples(): readonly NamedExample[] {
  return faults.flatMap(({fault, reference}) =>
    (reference?.examples ?? []).map(example => ({...example, of: fault.name})),
  );
}

/**
 * Saves the example as the reference says, beside the files that it includes. Windows are short, traffic is little and
 * no verdict is asked for: what is tested is the fault, on machines that are busy with other tests.
 */
function save(example: Example, folder: string): string {
  for (const name of readdirSync(join(ROOT, 'experiments')).filter(name => name.endsWith('.base.yaml'))) {
    const shared = readFileSync(join(ROOT, 'experiments', name), 'utf8');
    const fine = 'steadyState: { fine: { command: { run: [echo, "1"], every: 800ms }, tolerance: { equals: 1 } } }\n';
    const quiet = shared.replace('rate: 30/s', 'rate: 5/s').replace(/^steadyState:\n(?: .*\n)+/m, fine);
    writeFileSync(join(folder, name), quiet);
  }
  const short = {...example, fault: example.fault.replace(/^for: .*$/m, 'for: 3s')};
  const file = join(folder, 'example.yaml');
  writeFileSync(file, exampleFile(short, DRIVERS, 'warmup: 100ms, baseline: 4s, recovery: 15s'));
  return file;
}

/** Runs it: the fault was in force on each target, and nothing of it is owed. */
async function runExample(example: Example, environment: Environment): Promise<void> {
  using folder = scratchFolder();
  const file = save(example, folder.path);
  const ended = await firedrill(['run', file, '--yes', '--json', '--quiet', '--runs-dir', folder.path], environment);
  const told = ended.stdout.startsWith('{') ? (JSON.parse(ended.stdout) as Partial<Result>) : {};
  const {headline, occurrences = [], owed} = told;
  const shown = `${example.title} ended with ${ended.code}: ${headline ?? ended.stdout}\n${ended.stderr}`;
  expect(ended.code, shown).to.be.oneOf([0, 5, 7]);
  expect(
    occurrences.map(({inForce, note}) => (inForce === 'yes' ? inForce : `${inForce}: ${note}`)),
    shown,
  ).to.deep.equal(['yes']);
  expect(owed, shown).to.deep.equal([]);
}

/** One test for each example of these drivers; all are started at once, a few at a time. */
function examplesOn(drivers: readonly string[], run: (example: Example) => Promise<void>): void {
  const examples = EXAMPLES.filter(({on}) => drivers.includes(on));
  const gate = new Gate(SHOPS);
  const begun = new Map<Example, Promise<void>>();
  const begin = (example: Example) => {
    const running = gate.through(() => run(example));
    running.catch(() => undefined);
    begun.set(example, running);
    return running;
  };
  before(() => {
    ensureBuilt();
    if (!SELECTED) for (const example of examples) if (example.needs === undefined) void begin(example);
  });
  after(async function () {
    await Promise.allSettled(begun.values());
  });
  for (const example of examples) {
    const {of, title, needs} = example;
    const test = () => it(`${of}: ${title}`, () => begun.get(example) ?? begin(example)).timeout(600_000);
    if (needs === undefined) test();
    else describeWith(needs, `${of} on ${example.on}, with ${needs}`, test);
  }
}

describe('The examples of the fault reference', () => {
  it('stand in docs/faults.md and are valid', async () => {
    ensureBuilt();
    const page = readFileSync(join(ROOT, 'docs/faults.md'), 'utf8');
    using folder = scratchFolder();
    cpSync(join(ROOT, 'experiments'), folder.path, {recursive: true});
    const files = EXAMPLES.map((example, i) => {
      expect(page).to.include(exampleFile(example, DRIVERS).trimEnd());
      const file = join(folder.path, `${i}-${example.of}.yaml`);
      writeFileSync(file, exampleFile(example, DRIVERS));
      return file;
    });
    const {code, stdout, stderr} = await firedrill(['validate', ...files]);
    expect(code, stdout + stderr).to.equal(0);
  });
});

describe('The examples of the fault reference on Kubernetes are planned', () => {
  for (const example of EXAMPLES.filter(({on}) => on === 'kubernetes'))
    it(`${example.of}: ${example.title}`, async () => {
      ensureBuilt();
      const bench = await KubeBench.start({readyMs: 100});
      bench.api.deployment('checkout', {replicas: 1});
      using folder = scratchFolder();
      const file = save(example, folder.path);
      try {
        const environment = {KUBECONFIG: bench.api.kubeconfig(), SHOP_CONTEXT: 'test', SHOP_NAMESPACE: 'shop'};
        const {code, stderr} = await firedrill(['plan', file], environment);
        expect(code, stderr).to.equal(0);
      } finally {
        await bench.close();
      }
    });
});

describeWith('linux', 'The examples of the fault reference on processes and this machine', () => {
  examplesOn(['process', 'command'], async example => runExample(example, await shopEnvironment()));
});

describeWith('linux', 'The examples of the fault reference on proxied connections', () => {
  examplesOn(['proxy'], example => withShopProxy(environment => runExample(example, environment)));
});

describeWith('docker', 'The examples of the fault reference on containers', () => {
  const idle: Environment[] = [];
  const projects: string[] = [];

  /** A shop of its own, used again by the next example: each leaves it as it was. */
  async function onShop(example: Example): Promise<void> {
    const environment = idle.pop() ?? (await openShop());
    await runExample(example, environment);
    idle.push(environment);
  }

  async function openShop(): Promise<Environment> {
    const project = uniqueName('shop');
    projects.push(project);
    const environment: Environment = {...(await shopEnvironment()), SHOP_PROJECT: project};
    await startShop({port: environment['SHOP_GATEWAY_PORT'] ?? '', project});
    return environment;
  }

  examplesOn(['docker'], onShop);
  after(async function () {
    for (const project of projects) await removeShop(project);
  });
});
