// The demo shop as containers: made, started and removed. On Linux no image is pulled: it is made of this machine's own node
// binary and its libraries. Used by `npm run demo:docker` and by the tests.
import {execFileSync} from 'node:child_process';
import {chmodSync, copyFileSync, cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync} from 'node:fs';
import {get} from 'node:http';
import {tmpdir} from 'node:os';
import {dirname, join} from 'node:path';
import {capture, root} from './steps.mjs';

const PROJECT = 'shop';
/** Of its own for each project: shops that come and go at the same time share nothing. */
const imageOf = project => (project === PROJECT ? 'firedrill-shop' : `firedrill-shop:${project}`);
/** What was made here, and may be removed here. (A label `firedrill.…` would protect it from experiments.) */
const OURS = 'demo.shop=made-by-script';

async function docker(...args) {
  const {code, output} = await capture(['docker', ...args]);
  if (code !== 0) throw new Error(`docker ${args.join(' ')} failed:\n${output}`);
  return output;
}

/** The libraries a binary needs, by ldd: absolute paths. */
function librariesOf(binary) {
  const lines = execFileSync('ldd', [binary], {encoding: 'utf8'}).split('\n');
  return lines.flatMap(line => /(\/\S+) \(0x/.exec(line)?.[1] ?? []);
}

/** A root file system with nothing but node and the shop, imported as an image. */
async function importImage(image) {
  const stage = mkdtempSync(join(tmpdir(), 'firedrill-image-'));
  try {
    const node = realpathSync(process.execPath);
    const place = (from, to) => {
      mkdirSync(join(stage, dirname(to)), {recursive: true});
      copyFileSync(from, join(stage, to));
    };
    place(node, '/usr/local/bin/node');
    chmodSync(join(stage, 'usr/local/bin/node'), 0o755);
    for (const library of librariesOf(node)) place(realpathSync(library), library);
    mkdirSync(join(stage, 'tmp'), {recursive: true});
    mkdirSync(join(stage, 'etc'), {recursive: true});
    writeFileSync(join(stage, 'etc/passwd'), 'root:x:0:0:root:/:/usr/local/bin/node\n');
    cpSync(join(root, 'demo/shop'), join(stage, 'shop'), {recursive: true});
    const archive = `${stage}.tar`;
    execFileSync('tar', ['-C', stage, '-cf', archive, '.']);
    await docker('import', '-c', 'ENV PATH=/usr/local/bin', '-c', 'ENV SHOP_HOST=0.0.0.0', archive, image);
    rmSync(archive);
  } finally {
    rmSync(stage, {recursive: true, force: true});
  }
}

const SERVICES = {
  store: {},
  inventory: {},
  checkout: {
    SHOP_INVENTORY_URL: 'http://inventory:8082',
    SHOP_STORE_URL: 'http://store:8083',
  },
  gateway: {SHOP_CHECKOUT_URL: 'http://checkout:8081', SHOP_INVENTORY_URL: 'http://inventory:8082'},
};

/** The same containers as demo/compose.yaml would make, with the labels that compose gives them. */
async function startContainers({port, inventoryTimeoutMs, project}) {
  const network = `${project}_shop`;
  await docker('network', 'create', '--label', OURS, '--label', `com.docker.compose.project=${project}`, network);
  for (const [service, fixed] of Object.entries(SERVICES)) {
    const environment = service === 'checkout' ? {...fixed, SHOP_INVENTORY_TIMEOUT_MS: inventoryTimeoutMs} : fixed;
    await docker(
      ...[
        'run',
        '-d',
        '--label',
        OURS,
        '--name',
        `${project}-${service}-1`,
        '--network',
        network,
        '--network-alias',
        service,
      ],
      ...[
        '--memory',
        '256m',
        '--label',
        `com.docker.compose.project=${project}`,
        '--label',
        `com.docker.compose.service=${service}`,
      ],
      ...['--label', 'com.docker.compose.container-number=1', '--label', 'com.docker.compose.oneoff=False'],
      ...Object.entries(environment).flatMap(([key, value]) => ['-e', `${key}=${value}`]),
      ...(service === 'gateway' ? ['-p', `127.0.0.1:${port}:8080`] : []),
      ...[imageOf(project), 'node', `/shop/${service}.js`],
    );
  }
}

/** Removes the containers and the network of a shop that was made here, and its image. */
export async function removeShop(project = PROJECT) {
  const its = ['--filter', `label=${OURS}`, '--filter', `label=com.docker.compose.project=${project}`];
  const ours = await capture(['docker', 'ps', '-aq', ...its]);
  const ids = ours.code === 0 ? ours.output.split(/\s+/).filter(id => id !== '') : [];
  if (ids.length > 0) await capture(['docker', 'rm', '-f', '-v', ...ids]);
  await capture(['docker', 'network', 'prune', '-f', ...its]);
  await capture(['docker', 'image', 'rm', imageOf(project)]);
}

/** One request with a time-out of its own (`fetch` can wait for ever on a published port whose container is not up yet). */
function answers(url) {
  return new Promise(resolve => {
    const request = get(url, {agent: false, timeout: 2000}, response => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    request.on('timeout', () => request.destroy(new Error('no answer')));
    request.on('error', () => resolve(false));
  });
}

async function awaitReady(port) {
  const url = `http://127.0.0.1:${port}/checkout`;
  for (let attempt = 0; attempt < 100; attempt += 1) {
    if (await answers(url)) return;
    await new Promise(resolve => setTimeout(resolve, 200));
  }
  throw new Error(`the shop does not answer on ${url}`);
}

/** Why the shop cannot be started here; undefined when it can. */
export async function whyNot() {
  const engine = await capture(['docker', 'version', '--format', '{{.Server.Version}}']);
  if (engine.code !== 0) return `No Docker engine answers:\n${engine.output}\nWithout Docker: npm run demo`;
  const taken = await capture(['docker', 'ps', '-aq', '--filter', `label=com.docker.compose.project=${PROJECT}`]);
  if (taken.output.trim() === '') return undefined;
  return `There are containers of a compose project \`${PROJECT}\` already; remove them first: docker compose -p ${PROJECT} down`;
}

/** Makes the image, starts the four containers and waits until the gateway answers on `port`. */
export async function startShop({port, inventoryTimeoutMs = '', project = PROJECT}) {
  if (process.platform === 'linux') await importImage(imageOf(project));
  else await docker('build', '-t', imageOf(project), join(root, 'demo'));
  await startContainers({port, inventoryTimeoutMs, project});
  await awaitReady(port);
}
