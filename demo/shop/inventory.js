// Knows what is in stock. Weakness on purpose: a single replica that everything waits for.
import {serve, setting} from './service.js';

const stock = new Map([
  ['A1', 1e9],
  ['B2', 1e9],
  ['C3', 0],
]);

async function reserve({json, count}) {
  const {sku = 'A1', quantity = 1} = json ?? {};
  const left = stock.get(sku) ?? 0;
  if (left < quantity) return {status: 409, body: {error: `${sku} is sold out`}};
  stock.set(sku, left - quantity);
  count('shop_reservations_total');
  return {status: 200, body: {sku, left: left - quantity}};
}

async function list() {
  return {status: 200, body: Object.fromEntries(stock)};
}

serve({
  name: 'inventory',
  port: setting('SHOP_INVENTORY_PORT', 8082),
  routes: {'POST /reserve': reserve, 'GET /stock': list},
});
