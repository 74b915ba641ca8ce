import {crc32} from 'node:zlib';
import * as z from 'zod';
import {debtFrom} from '../targets/debt.js';
import {isEvent, type Event} from './events.js';

/**
 * The ledger is what an undo depends on, and any line of it may come back torn or damaged. Each line carries a checksum
 * of itself (earlier versions wrote none), and what is not understood is told: it is never read as "nothing is owed".
 */

const SEAL = /,"crc":"([0-9a-f]{8})"\}$/;

function checksum(text: string): string {
  return crc32(text).toString(16).padStart(8, '0');
}

/** An event as a line of the ledger. */
export function ledgerLine(event: Event): string {
  const text = JSON.stringify(event);
  return `${text.slice(0, -1)},"crc":"${checksum(text)}"}\n`;
}

const settled = z.array(
  z
    .looseObject({debt: z.string(), outcome: z.enum(['undone', 'already', 'gone', 'superseded', 'failed', 'unknown'])})
    .refine(
      one => !['failed', 'unknown'].includes(one.outcome) || ('why' in one && 'manual' in one),
      'why, and what to do by hand',
    ),
);

/** What is written to a ledger: nothing else can stand in one. */
const DURABLE: readonly string[] = ['run.started', 'run.ended', 'takeover', 'debts.owed', 'debts.settled'];

/** Why nothing can be done with what an event says is owed or settled. */
function flawIn(event: Event): string | undefined {
  if (event.type === 'debts.owed') {
    const debts: unknown = event.debts;
    if (!Array.isArray(debts)) return 'it holds no list of debts';
    return debts.map(debtFrom).find(debt => typeof debt === 'string');
  }
  if (event.type === 'debts.settled') {
    const parsed = settled.safeParse(event.settled);
    return parsed.success ? undefined : 'it does not say what was settled';
  }
  return undefined;
}

/** Whether the debts and settlements in an event can be used. */
export function isSound(event: Event): boolean {
  return flawIn(event) === undefined;
}

/** The event of a line, or why there is none. */
function readLine(line: string): Event | string {
  const seal = SEAL.exec(line);
  const text = seal === null ? line : `${line.slice(0, seal.index)}}`;
  if (seal !== null && checksum(text) !== seal[1]) return 'it is damaged: its checksum is another one';
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return 'it is torn or damaged';
  }
  if (!isEvent(value)) return 'it is no event that this version knows';
  if (!DURABLE.includes(value.type)) return `it is of a kind that no ledger holds: \`${value.type.slice(0, 40)}\``;
  return flawIn(value) ?? value;
}

export interface Ledger {
  /** In the order in which they happened, each once. */
  readonly events: readonly Event[];
  /** Lines that are not understood: "line 3: it is torn or damaged". */
  readonly unreadable: readonly string[];
}

export function parseLedger(text: string): Ledger {
  const events = new Map<string, Event>();
  const unreadable: string[] = [];
  text.split('\n').forEach((line, index) => {
    if (line.trim() === '') return;
    const read = readLine(line);
    if (typeof read === 'string') unreadable.push(`line ${index + 1}: ${read}`);
    else events.set(`${read.epoch}:${read.seq}`, read);
  });
  return {events: [...events.values()].sort((a, b) => a.epoch - b.epoch || a.seq - b.seq), unreadable};
}
