// Keeps the orders. Writing the same order twice is harmless: it is known by its id.
import {serve, setting} from './service.js';

const orders = new Map();

async function add({json, count}) {
  if (typeof json?.id !== 'string') return {status: 400, body: {error: 'an order needs an id'}};
  if (!orders.has(json.id)) count('shop_orders_stored_total');
  orders.set(json.id, json);
  return {status: 201, body: {id: json.id}};
}

async function total() {
  return {status: 200, body: {orders: orders.size}};
}

serve({
  name: 'store',
  port: setting('SHOP_STORE_PORT', 8083),
  routes: {'POST /orders': add, 'GET /orders': total},
  gauges: () => ({shop_orders: orders.size}),
});
