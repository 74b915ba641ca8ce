import {createSocket} from 'node:dgram';
import {createServer, type AddressInfo, type Socket} from 'node:net';
import {decode, encode, type DecodedPacket, type Packet} from 'dns-packet';

/** What a test's name server answers to a question; undefined: nothing at all. */
export type Answerer = (question: {name: string; type: string}, query: DecodedPacket) => Partial<Packet> | undefined;

export interface TestDnsServer {
  readonly port: number;
  /** Messages as they came, by transport. */
  readonly seen: {readonly over: 'udp' | 'tcp'; readonly message: Buffer}[];
  answer(answerer: Answerer): void;
  close(): Promise<void>;
}

const RCODES = {NXDOMAIN: 3, SERVFAIL: 2, REFUSED: 5} as const;

export const failing = (rcode: keyof typeof RCODES): Partial<Packet> => ({flags: RCODES[rcode]});

/** A real name server on a free loopback port, UDP and TCP. UDP answers above 512 bytes are truncated. */
export async function startDnsServer(first: Answerer = () => failing('NXDOMAIN')): Promise<TestDnsServer> {
  let answerer = first;
  const seen: TestDnsServer['seen'] = [];
  const reply = (message: Buffer, over: 'udp' | 'tcp'): Buffer | undefined => {
    seen.push({over, message: Buffer.from(message)});
    const query = decode(message);
    const question = query.questions?.[0];
    const given = question === undefined ? undefined : answerer(question, query);
    if (given === undefined) return undefined;
    const flags = (query.flag_rd ? 0x100 : 0) | 0x80 | (given.flags ?? 0);
    const whole = encode({...given, type: 'response', id: query.id, flags, questions: query.questions});
    if (over === 'tcp' || whole.length <= 512) return whole;
    return encode({type: 'response', id: query.id, flags: flags | 0x200, questions: query.questions});
  };
  const udp = createSocket('udp4');
  udp.on('message', (message, {port, address}) => {
    const answer = reply(message, 'udp');
    if (answer !== undefined) udp.send(answer, port, address);
  });
  const sockets = new Set<Socket>();
  const tcp = createServer(socket => {
    sockets.add(socket);
    socket.setNoDelay(true);
    let pending = Buffer.alloc(0);
    socket.on('close', () => sockets.delete(socket)).on('error', () => undefined);
    socket.on('data', (chunk: Buffer) => {
      pending = Buffer.concat([pending, chunk]);
      while (pending.length >= 2 && pending.length >= 2 + pending.readUInt16BE()) {
        const answer = reply(pending.subarray(2, 2 + pending.readUInt16BE()), 'tcp');
        pending = pending.subarray(2 + pending.readUInt16BE());
        if (answer === undefined) continue;
        const length = Buffer.alloc(2);
        length.writeUInt16BE(answer.length);
        // In two pieces: a reader that takes one chunk for one message is found out.
        socket.write(Buffer.concat([length, answer.subarray(0, 5)]));
        socket.write(answer.subarray(5));
      }
    });
  });
  await new Promise<void>(resolve => tcp.listen(0, '127.0.0.1', resolve));
  const {port} = tcp.address() as AddressInfo;
  await new Promise<void>(resolve => udp.bind(port, '127.0.0.1', resolve));
  return {
    port,
    seen,
    answer: next => {
      answerer = next;
    },
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await Promise.all([new Promise(resolve => tcp.close(resolve)), new Promise<void>(resolve => udp.close(resolve))]);
    },
  };
}
