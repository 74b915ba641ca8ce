import {randomBytes} from 'node:crypto';
import {Chalk, type ChalkInstance} from 'chalk';
import {printable} from '../quantities/printable.js';

const ESC = '\u001b';

/**
 * Stands for ESC in what we style ourselves, until it is written. Drawn for this process: no text from outside can hold
 * it.
 */
const OWN = `\ufdd0${randomBytes(12).toString('hex')}`;

const OWN_CODE = new RegExp(`${OWN}\\[[0-9;]*m`, 'g');
const TOKEN = new RegExp(`${OWN_CODE.source}|.`, 'gsu');

/** The styles of chalk (0: none, 1: 16 colours), in text that only `finished` turns into codes for a terminal. */
export function styleOf(level: 0 | 1): ChalkInstance {
  return marking(new Chalk({level}));
}

function marking(chalk: ChalkInstance): ChalkInstance {
  // Chalk never sees the text, so that every ESC in what it answers is ours.
  const paint = (...texts: unknown[]) => {
    const [open = '', close = ''] = chalk('x').split('x');
    return `${open.replaceAll(ESC, OWN)}${texts.join(' ')}${close.replaceAll(ESC, OWN)}`;
  };
  const get = (_paint: unknown, name: string | symbol): unknown => {
    const value: unknown = Reflect.get(chalk, name);
    return typeof value === 'function' ? marking(value as ChalkInstance) : value;
  };
  return new Proxy(paint, {get}) as ChalkInstance;
}

/** The text without our own styles. */
export function unstyled(text: string): string {
  return text.replaceAll(OWN_CODE, '');
}

/** A styled text as its own codes and single characters. */
export function tokensOf(line: string): readonly {readonly text: string; readonly isCode: boolean}[] {
  const tokens = line.match(TOKEN) ?? [];
  return tokens.map(text => ({text, isCode: text.startsWith(OWN)}));
}

/**
 * What a CI server takes for a command to itself: `::error::…` at the beginning of a line (GitHub), `##[…]`, `##vso[…]`
 * and `##teamcity[…]` anywhere. A blank takes the meaning from it.
 */
const CI_COMMAND = /^\s*:(?=:[a-z].*::)|#(?=#(?:vso|teamcity)?\[)/gi;

/**
 * One line as it goes to a terminal: everything in it is seen, only our own styles are obeyed. The one place for it.
 */
export function finished(line: string): string {
  const shown = printable(line);
  const plain = unstyled(shown);
  const defused = plain.replaceAll(CI_COMMAND, '$& ');
  return defused === plain ? shown.replaceAll(OWN, ESC) : defused;
}
