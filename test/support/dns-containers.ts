import {docker, importNode, runContainer, uniqueName, type RunningContainer} from './docker.js';
import {until} from './processes.js';

/** What the name server in a container answers to every name that ends in `.test`. */
export const TRUE_ADDRESS = '10.9.8.7';

/**
 * A name server in a few lines: A records for all of `.test`, over UDP and TCP, IPv4 and IPv6; NXDOMAIN for the rest.
 */
const NAME_SERVER = `
const answer = query => {
  let end = 12;
  const labels = [];
  while (query[end] !== 0) { labels.push(query.subarray(end + 1, end + 1 + query[end]).toString()); end += 1 + query[end]; }
  end += 5;
  const ours = labels.at(-1) === 'test', a = query.readUInt16BE(end - 4) === 1;
  const head = Buffer.from(query.subarray(0, 12));
  head.writeUInt16BE(ours ? 0x8180 : 0x8183, 2);
  head.writeUInt16BE(ours && a ? 1 : 0, 6);
  head.writeUInt32BE(0, 8);
  const record = Buffer.from([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 0, 0, 4, 10, 9, 8, 7]);
  return Buffer.concat([head, query.subarray(12, end), ...(ours && a ? [record] : [])]);
};
const udp = require('dgram').createSocket({type: 'udp6', ipv6Only: false});
udp.on('message', (query, from) => udp.send(answer(query), from.port, from.address));
udp.bind(53, '::');
require('net').createServer(socket => {
  socket.on('error', () => undefined);
  socket.on('data', chunk => {
    const reply = answer(chunk.subarray(2));
    const length = Buffer.alloc(2);
    length.writeUInt16BE(reply.length);
    socket.write(Buffer.concat([length, reply]));
  });
}).listen(53, '::');
process.on('SIGTERM', () => process.exit());
`;

/** Asks in every way a program may ask, and prints what came as JSON. */
const CLIENT = `
const dns = require('dns'), net = require('net'), dgram = require('dgram');
const [how, name, server] = process.argv.slice(1);
const started = performance.now();
const tell = said => { console.log(JSON.stringify({said, ms: performance.now() - started})); process.exit(); };
const message = () => Buffer.concat([Buffer.from([7, 7, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0]),
  ...name.split('.').map(label => Buffer.concat([Buffer.from([label.length]), Buffer.from(label)])), Buffer.from([0, 0, 1, 0, 1])]);
const words = ['NOERROR', 1, 'SERVFAIL', 'NXDOMAIN', 4, 'REFUSED'];
const read = reply => tell(reply.readUInt16BE(6) > 0 ? [...reply.subarray(-4)].join('.') : words[reply[3] & 15]);
setTimeout(tell, 3000, 'silence');
if (how === 'lookup') dns.lookup(name, {family: 4}, (error, address) => tell(error ? error.code : address));
if (how === 'resolve') {
  const resolver = new dns.Resolver({timeout: 1000, tries: 1});
  if (server) resolver.setServers([server]);
  resolver.resolve4(name, (error, found) => tell(error ? error.code : found.join()));
}
if (how === 'udp') {
  const socket = dgram.createSocket(server.includes(':') ? 'udp6' : 'udp4');
  socket.on('message', read).send(message(), 53, server);
}
if (how === 'tcp') {
  const socket = net.connect(53, server), body = message();
  socket.on('error', error => tell(error.code)).on('data', chunk => chunk.length > 2 && read(chunk.subarray(2)));
  socket.end(Buffer.concat([Buffer.from([0, body.length]), body]));
}
`;

/** Asks again and again from one socket that it keeps, as a resolver library with a connected socket does. */
const KEEPER = `
const [name, server] = process.argv.slice(1);
const words = ['NOERROR', 1, 'SERVFAIL', 'NXDOMAIN', 4, 'REFUSED'];
const socket = require('dgram').createSocket('udp4');
const message = Buffer.concat([Buffer.from([7, 7, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0]),
  ...name.split('.').map(label => Buffer.concat([Buffer.from([label.length]), Buffer.from(label)])), Buffer.from([0, 0, 1, 0, 1])]);
socket.on('message', reply => console.log(reply.readUInt16BE(6) > 0 ? [...reply.subarray(-4)].join('.') : words[reply[3] & 15]));
socket.on('error', error => console.log(error.code));
setInterval(() => socket.send(message, 53, server), 50);
process.on('SIGTERM', () => process.exit());
`;

/** A container that keeps asking one name server from one socket. */
export async function runKeeper(name: string, server: string, args: readonly string[]): Promise<RunningContainer> {
  const image = await importNode();
  return runContainer({name: uniqueName('dns-keeper'), image, command: ['node', '-e', KEEPER, name, server], args});
}

export type Way = 'lookup' | 'resolve' | 'udp' | 'tcp';

export interface Heard {
  /** The addresses, or the error: a code of node, or an rcode where the message was read. */
  readonly said: string;
  readonly ms: number;
}

/** A container that asks name servers. */
export async function ask(client: RunningContainer, how: Way, name: string, server = ''): Promise<Heard> {
  return JSON.parse(await docker('exec', client.id, 'node', '-e', CLIENT, how, name, server)) as Heard;
}

/** Only what came. */
export async function heard(client: RunningContainer, how: Way, name: string, server = ''): Promise<string> {
  return (await ask(client, how, name, server)).said;
}

export async function runNode(what: string, script: string, args: readonly string[]): Promise<RunningContainer> {
  const image = await importNode();
  return runContainer({name: uniqueName(what), image, command: ['node', '-e', script], args});
}

const IDLE = `setInterval(() => undefined, 1000); process.on('SIGTERM', () => process.exit());`;

export function runClient(args: readonly string[]): Promise<RunningContainer> {
  return runNode('dns-client', IDLE, args);
}

/** Starts the name server on a network and waits until it answers. */
export async function runNameServer(args: readonly string[]): Promise<RunningContainer> {
  const server = await runNode('dns-server', NAME_SERVER, args);
  await until(
    'the name server answers',
    async () => (await heard(server, 'udp', 'a.test', '127.0.0.1')) === TRUE_ADDRESS,
  );
  return server;
}
