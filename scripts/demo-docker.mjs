// `npm run demo:docker`: the shop as containers, one experiment on them, and a report. Needs a Docker engine.
import {ensureBuilt, nameReport, runExperiment} from './demo-run.mjs';
import {shopPorts} from './ports.mjs';
import {removeShop, startShop, whyNot} from './shop-containers.mjs';

const FILE = 'experiments/docker-freeze-inventory.yaml';

async function main() {
  const reason = await whyNot();
  if (reason !== undefined) {
    console.log(reason);
    return 3;
  }
  await ensureBuilt();
  const ports = await shopPorts({SHOP_GATEWAY_PORT: 8080});
  try {
    console.log('making the image and starting four containers …');
    await startShop({
      port: ports.SHOP_GATEWAY_PORT,
      inventoryTimeoutMs: process.env.SHOP_INVENTORY_TIMEOUT_MS ?? '',
    });
    // The containers are this script's own, so it may consent for you.
    const {code, folder} = await runExperiment(FILE, ['--yes'], ports);
    const reported = nameReport(folder);
    console.log(
      `\nExit code ${code}${code === 7 ? ': deviated. Checkout has no time-out on its call to inventory; with SHOP_INVENTORY_TIMEOUT_MS=150 it holds.' : ''}`,
    );
    if ((code === 0 || code === 7) && reported) return 0;
    return code === 0 ? 1 : code;
  } finally {
    console.log('removing the containers, the network and the image …');
    await removeShop();
  }
}

process.exitCode = await main().catch(error => {
  console.error(error.message);
  return 1;
});
