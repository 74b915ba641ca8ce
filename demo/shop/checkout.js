// Takes an order: reserves stock at inventory, then writes the order to the store. Weaknesses on purpose:
//  - the call to inventory has no time-out: an inventory that is frozen, not dead, holds every request for ever;
//  - the call to the store is retried up to four times at once, without backoff.
// The remedy for the first is one setting: SHOP_INVENTORY_TIMEOUT_MS. With it, an order whose reservation does not
// answer in time is accepted "to be confirmed" instead of keeping the customer waiting.
import {call, serve, setting} from './service.js';

const inventory = process.env.SHOP_INVENTORY_URL ?? `http://127.0.0.1:${setting('SHOP_INVENTORY_PORT', 8082)}`;
const store = process.env.SHOP_STORE_URL ?? `http://127.0.0.1:${setting('SHOP_STORE_PORT', 8083)}`;
const inventoryTimeoutMs = setting('SHOP_INVENTORY_TIMEOUT_MS', undefined);
const storeAttempts = setting('SHOP_STORE_ATTEMPTS', 5);
let inFlight = 0;
let next = 1;

async function reserve(order, count) {
  try {
    const {status} = await call('POST', `${inventory}/reserve`, {json: order, timeoutMs: inventoryTimeoutMs});
    return status === 200 ? 'reserved' : 'sold out';
  } catch (error) {
    if (inventoryTimeoutMs === undefined) throw error;
    count('shop_unconfirmed_orders_total');
    return 'to be confirmed';
  }
}

async function write(order, count) {
  let failure;
  for (let attempt = 1; attempt <= storeAttempts; attempt += 1) {
    if (attempt > 1) count('shop_retries_total', {to: 'store'});
    try {
      const {status} = await call('POST', `${store}/orders`, {json: order, timeoutMs: 500});
      if (status === 201) return;
      failure = new Error(`store answered ${status}`);
    } catch (error) {
      failure = error;
    }
  }
  throw failure;
}

async function checkout({json, count}) {
  const order = {id: `${process.pid}-${next++}`, sku: json?.sku ?? 'A1', quantity: json?.quantity ?? 1};
  inFlight += 1;
  try {
    const stock = await reserve(order, count);
    if (stock === 'sold out') return {status: 409, body: {error: 'sold out'}};
    await write({...order, stock}, count);
    count('shop_orders_total', {stock: stock.replaceAll(' ', '_')});
    return {status: 200, body: {order: order.id, stock}};
  } catch (error) {
    return {status: 502, body: {error: error.message}};
  } finally {
    inFlight -= 1;
  }
}

serve({
  name: 'checkout',
  port: setting('SHOP_CHECKOUT_PORT', 8081),
  routes: {'POST /checkout': checkout},
  gauges: () => ({shop_in_flight: inFlight}),
});
