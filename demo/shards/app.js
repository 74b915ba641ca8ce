// One shard of the orders: answers whatever it is asked with its own name. `node demo/shards/app.js NAME PORT`
import {createServer} from 'node:http';

const [name, port] = process.argv.slice(2);
createServer((request, response) => {
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify({shard: name, order: request.url}));
}).listen(Number(port), '127.0.0.1');
