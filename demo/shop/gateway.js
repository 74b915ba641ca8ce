// The front door. Weaknesses on purpose:
//  - it answers a failed call to checkout by asking again at once, twice, with no pause between: a slow checkout gets three
//    times the traffic exactly when it can bear it least (retry amplification);
//  - its catalogue cache hides a broken inventory: old stock is served as if it were fresh.
import {call, serve, setting} from './service.js';

const checkout = process.env.SHOP_CHECKOUT_URL ?? `http://127.0.0.1:${setting('SHOP_CHECKOUT_PORT', 8081)}`;
const inventory = process.env.SHOP_INVENTORY_URL ?? `http://127.0.0.1:${setting('SHOP_INVENTORY_PORT', 8082)}`;
const timeoutMs = setting('SHOP_GATEWAY_TIMEOUT_MS', 1000);
const attempts = setting('SHOP_GATEWAY_ATTEMPTS', 3);
let catalogue = null;

async function buy({json, log, count}) {
  const order = json ?? {sku: 'A1', quantity: 1};
  let failure = 'no attempt made';
  for (let attempt = 1; attempt <= attempts; attempt += 1) {
    if (attempt > 1) count('shop_retries_total', {to: 'checkout'});
    try {
      const {status, body} = await call('POST', `${checkout}/checkout`, {json: order, timeoutMs});
      if (status < 500) return {status, body};
      failure = `checkout answered ${status}`;
    } catch (error) {
      failure = `checkout: ${error.message}`;
    }
    log('warning', 'attempt failed', {attempt, of: attempts, error: failure});
  }
  return {status: 504, body: {error: failure}};
}

async function list({count}) {
  try {
    const {status, body} = await call('GET', `${inventory}/stock`, {timeoutMs: 300});
    if (status === 200) {
      catalogue = body;
      return {status: 200, body, headers: {'x-cache': 'fresh'}};
    }
  } catch {
    // Falls through to the cache, silently: this is the weakness.
  }
  if (catalogue === null) return {status: 503, body: {error: 'no catalogue yet'}};
  count('shop_stale_answers_total');
  return {status: 200, body: catalogue, headers: {'x-cache': 'stale'}};
}

serve({
  name: 'gateway',
  port: setting('SHOP_GATEWAY_PORT', 8080),
  routes: {'GET /checkout': buy, 'POST /checkout': buy, 'GET /catalogue': list},
});
