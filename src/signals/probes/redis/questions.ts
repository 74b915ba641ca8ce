import type {Reading} from '../../contract.js';
import {noValue} from '../../missing.js';
import {readNumber} from '../../number.js';
import {roleOf} from '../../stores/redis/role.js';
import {textOf, type RedisSession} from '../../stores/redis/session.js';
import type {Parameters} from './parameters.js';

/** Longer than any number; what a key holds may be half a gigabyte. */
const LONGEST_NUMBER = 64;

const LENGTHS: Readonly<Record<string, string>> = {
  list: 'LLEN',
  stream: 'XLEN',
  set: 'SCARD',
  zset: 'ZCARD',
  hash: 'HLEN',
};

const WORDS: Readonly<Record<string, number>> = {up: 1, ok: 1, yes: 1, down: 0, err: 0, no: 0};

export interface Question {
  readonly wanted: Parameters;
  /** The field or key that is asked for. */
  readonly named: string;
  /** Takes the secrets out of what a server says. */
  readonly scrub: (text: string) => string;
}

/** Asks what the parameters want to know. Rejects with the error of the server or of the connection. */
export async function askFor(session: RedisSession, {wanted, named, scrub}: Question): Promise<Reading> {
  if (wanted.info !== undefined) return fieldOf(textOf(await session.ask('INFO')), named);
  if (wanted.role !== undefined) return {value: (await roleOf(session)) === wanted.role ? 1 : 0};
  if (wanted.length !== undefined) return lengthOf(session, named);
  if (wanted.get !== undefined) {
    const held = textOf(await session.ask('GETRANGE', named, '0', String(LONGEST_NUMBER)));
    if (held === '') return noValue('record', 'the key does not exist');
    // Not quoted: a part of a secret could no longer be told from other text.
    if (held.length > LONGEST_NUMBER) return noValue('answer', 'expected a number in the key; got a long text');
    return readNumber(scrub(held), 'a number in the key');
  }
  const started = performance.now();
  await session.ask('PING');
  return {value: wanted.measure === 'up' ? 1 : performance.now() - started};
}

async function lengthOf(session: RedisSession, key: string): Promise<Reading> {
  const type = textOf(await session.ask('TYPE', key));
  if (type === 'none') return {value: 0};
  const command = LENGTHS[type];
  if (command === undefined) return noValue('question', `the key holds a ${type}, which has no elements to count`);
  return readNumber(textOf(await session.ask(command, key)));
}

/** `used_memory:1234`, and of `slave0:ip=…,lag=1` the part that is named. */
function fieldOf(info: string, named: string): Reading {
  const [field = '', part] = named.split('.');
  const line = info.split('\r\n').find(one => one.startsWith(`${field}:`));
  const whole = line?.slice(field.length + 1);
  const written =
    part === undefined
      ? whole
      : whole
          ?.split(',')
          .find(one => one.startsWith(`${part}=`))
          ?.slice(part.length + 1);
  if (written === undefined) return noValue('record', `INFO has no \`${named}\``);
  const word = WORDS[written];
  return word === undefined ? readNumber(written, `a number in \`${named}\``) : {value: word};
}
